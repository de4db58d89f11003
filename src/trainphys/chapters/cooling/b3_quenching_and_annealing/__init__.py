"""Chapter B3, quenching and annealing: what ``notebooks/cooling/3-quenching-and-annealing.md`` alone needs."""
