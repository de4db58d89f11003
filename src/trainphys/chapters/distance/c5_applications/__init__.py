"""Chapter C5, applications: what ``notebooks/distance/5-applications.md`` alone needs."""
