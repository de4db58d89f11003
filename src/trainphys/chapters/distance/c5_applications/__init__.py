"""C5 applications."""
