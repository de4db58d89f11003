"""C9 reproduction."""
