"""A batch size for a model of one's own, from a measured sweep and a limit."""
