"""Time to target."""
