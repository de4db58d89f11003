"""Document B: a room for each chapter of ``notebooks/cooling``, named by section, and what they share."""
