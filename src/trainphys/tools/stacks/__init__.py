"""Stacks of linear layers, where curvature and noise have quick closed forms."""
