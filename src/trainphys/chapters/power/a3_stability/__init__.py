<<<<<<< HEAD
"""Chapter A3, stability: what ``notebooks/power/3-stability.md`` alone needs."""
=======
"""A3: which steps, momenta and systems are stable."""
>>>>>>> cc9f0a9b0805659df8fa3d627c3d452b6fe104a6
