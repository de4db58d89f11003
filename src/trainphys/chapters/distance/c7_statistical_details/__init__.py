"""C7 statistical details."""
