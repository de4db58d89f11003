<<<<<<< HEAD
"""What several chapters of the part need."""
=======
"""What chapters of document A share; A7, the practical curve, has no room of its own and lives on it."""
>>>>>>> cc9f0a9b0805659df8fa3d627c3d452b6fe104a6
