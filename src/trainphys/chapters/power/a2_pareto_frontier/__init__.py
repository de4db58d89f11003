<<<<<<< HEAD
"""Chapter A2, the Pareto frontier: what ``notebooks/power/2-pareto-frontier.md`` alone needs."""
=======
"""A2: time and efficiency traded for each other."""
>>>>>>> cc9f0a9b0805659df8fa3d627c3d452b6fe104a6
