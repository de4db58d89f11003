<<<<<<< HEAD
"""Chapter A5, instability modes: what ``notebooks/power/5-instability-modes.md`` alone needs."""
=======
"""A5: explosion, oscillation and coupled modes."""
>>>>>>> cc9f0a9b0805659df8fa3d627c3d452b6fe104a6
