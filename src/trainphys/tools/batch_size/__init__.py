"""Which batch size? Fits, bounds, seconds, joules and the operating point."""
