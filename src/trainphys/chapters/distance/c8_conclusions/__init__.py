"""Chapter C8, conclusions: what ``notebooks/distance/8-conclusions.md`` alone needs."""
