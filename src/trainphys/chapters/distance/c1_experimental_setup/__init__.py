"""Chapter C1, experimental setup: what ``notebooks/distance/1-experimental-setup.md`` alone needs."""
