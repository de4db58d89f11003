"""C6 negative results."""
