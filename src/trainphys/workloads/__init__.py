"""Small real data sets and networks that several parts train: many replicas side by side, on one core."""
