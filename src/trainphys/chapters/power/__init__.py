"""Document A: a room for each chapter of ``notebooks/power``, named by section, and what they share."""
