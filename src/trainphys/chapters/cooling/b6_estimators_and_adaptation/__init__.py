"""Chapter B6, estimators and adaptation: what ``notebooks/cooling/6-estimators-and-adaptation.md`` alone needs."""
