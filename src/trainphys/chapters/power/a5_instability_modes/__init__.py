"""A5 instability modes."""
