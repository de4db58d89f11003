<<<<<<< HEAD
"""Which batch size? Fits, bounds, seconds, joules and the operating point."""
=======
"""A batch size for a model of one's own, from a measured sweep and a limit."""
>>>>>>> cc9f0a9b0805659df8fa3d627c3d452b6fe104a6
