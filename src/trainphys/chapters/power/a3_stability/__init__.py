"""Chapter A3, stability: what ``notebooks/power/3-stability.md`` alone needs."""
