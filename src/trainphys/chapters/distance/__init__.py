"""Document C: a room for each chapter of ``notebooks/distance``, named by section, and what they share."""
