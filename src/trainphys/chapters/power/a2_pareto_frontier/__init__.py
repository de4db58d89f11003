"""A2: time and efficiency traded for each other."""
