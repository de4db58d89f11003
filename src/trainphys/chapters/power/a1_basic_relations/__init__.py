<<<<<<< HEAD
"""Chapter A1, basic relations: what ``notebooks/power/1-basic-relations.md`` alone needs."""
=======
"""A1: time to close a gap, quality of an update, the wait at a barrier."""
>>>>>>> cc9f0a9b0805659df8fa3d627c3d452b6fe104a6
