<<<<<<< HEAD
"""Chapter A8, choosing an operating point: what ``notebooks/power/8-operating-point.md`` alone needs."""
=======
"""A8: the batch size for a limit, on this machine."""
>>>>>>> cc9f0a9b0805659df8fa3d627c3d452b6fe104a6
