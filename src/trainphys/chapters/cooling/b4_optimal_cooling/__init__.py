"""Chapter B4, optimal cooling: what ``notebooks/cooling/4-optimal-cooling.md`` alone needs."""
