"""A1: time to close a gap, quality of an update, the wait at a barrier."""
