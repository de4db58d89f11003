"""Chapter A7, the practical curve: what ``notebooks/power/7-practical-curve.md`` alone needs."""
