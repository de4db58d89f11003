"""Chapter B5, optimal schedule: what ``notebooks/cooling/5-optimal-schedule.md`` alone needs."""
