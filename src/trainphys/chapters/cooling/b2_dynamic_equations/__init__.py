"""Chapter B2, dynamic equations: what ``notebooks/cooling/2-dynamic-equations.md`` alone needs."""
