"""Chapter CA, equations: what ``notebooks/distance/a-equations.md`` alone needs."""
