"""Chapter A5, instability modes: what ``notebooks/power/5-instability-modes.md`` alone needs."""
