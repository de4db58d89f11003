"""Chapter B7, convergence guarantees: what ``notebooks/cooling/7-guarantees.md`` alone needs."""
