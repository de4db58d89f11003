"""A3 stability."""
