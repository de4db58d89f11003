<<<<<<< HEAD
"""Chapter A4, operating regimes: what ``notebooks/power/4-operating-regimes.md`` alone needs."""
=======
"""A4: small, critical and large batches, and whether the laws agree with one another."""
>>>>>>> cc9f0a9b0805659df8fa3d627c3d452b6fe104a6
