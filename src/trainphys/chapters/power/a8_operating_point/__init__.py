"""A8: the batch size for a limit, on this machine."""
