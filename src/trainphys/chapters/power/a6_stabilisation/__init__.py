<<<<<<< HEAD
"""Chapter A6, stabilisation strategies: what ``notebooks/power/6-stabilisation.md`` alone needs."""
=======
"""A6: temperature, learning rate and momentum against the batch size."""
>>>>>>> cc9f0a9b0805659df8fa3d627c3d452b6fe104a6
