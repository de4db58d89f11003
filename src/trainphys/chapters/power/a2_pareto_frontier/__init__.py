"""A2 pareto frontier."""
