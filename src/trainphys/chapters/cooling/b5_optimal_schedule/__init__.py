"""B5 optimal schedule."""
