"""What two chapters on distance need."""
