"""C4 theory."""
