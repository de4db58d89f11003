"""What several chapters of the part need."""
