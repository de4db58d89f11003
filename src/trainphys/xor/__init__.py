"""Document C's own experiment: its loss, starts and training, and what is exactly true of them."""
