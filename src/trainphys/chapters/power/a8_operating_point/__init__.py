"""A8 operating point."""
