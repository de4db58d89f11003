"""Chapter A2, the Pareto frontier: what ``notebooks/power/2-pareto-frontier.md`` alone needs."""
