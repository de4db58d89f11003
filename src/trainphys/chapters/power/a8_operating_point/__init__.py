"""Chapter A8, choosing an operating point: what ``notebooks/power/8-operating-point.md`` alone needs."""
