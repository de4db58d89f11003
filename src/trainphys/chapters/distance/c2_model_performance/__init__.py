"""Chapter C2, model performance: what ``notebooks/distance/2-model-performance.md`` alone needs."""
