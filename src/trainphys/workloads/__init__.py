"""Small real data sets and networks that the chapters train."""
