"""What two chapters of document A need."""
