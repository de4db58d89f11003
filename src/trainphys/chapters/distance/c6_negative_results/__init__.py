"""Chapter C6, what was not found: what ``notebooks/distance/6-negative-results.md`` alone needs."""
