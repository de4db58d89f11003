"""Chapter C7, statistical details: what ``notebooks/distance/7-statistical-details.md`` alone needs."""
