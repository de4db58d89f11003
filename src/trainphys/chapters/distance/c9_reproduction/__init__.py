"""Chapter C9, reproduction: what ``notebooks/distance/9-reproduction.md`` alone needs."""
