"""B4 optimal cooling."""
