"""A5: explosion, oscillation and coupled modes."""
