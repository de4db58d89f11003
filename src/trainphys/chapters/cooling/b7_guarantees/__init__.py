"""B7 guarantees."""
