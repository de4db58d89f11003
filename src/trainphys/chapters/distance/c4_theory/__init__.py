"""Chapter C4, theory: what ``notebooks/distance/4-theory.md`` alone needs."""
