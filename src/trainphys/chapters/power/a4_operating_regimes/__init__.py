"""A4 operating regimes."""
