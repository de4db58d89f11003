"""Chapter A4, operating regimes: what ``notebooks/power/4-operating-regimes.md`` alone needs."""
