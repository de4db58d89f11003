"""A6: temperature, learning rate and momentum against the batch size."""
