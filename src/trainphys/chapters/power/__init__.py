<<<<<<< HEAD
"""Document A: a room for each chapter of ``notebooks/power``, named by section, and what they share."""
=======
"""Document A, power and batch size: what its chapters need beside the library."""
>>>>>>> cc9f0a9b0805659df8fa3d627c3d452b6fe104a6
