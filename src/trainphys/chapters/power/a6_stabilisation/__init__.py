"""Chapter A6, stabilisation strategies: what ``notebooks/power/6-stabilisation.md`` alone needs."""
