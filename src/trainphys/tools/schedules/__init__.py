"""Learning-rate schedules: shapes of progress, and cooling by a measured temperature."""
