"""C8 conclusions."""
