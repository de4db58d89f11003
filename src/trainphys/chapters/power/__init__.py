"""Document A, power and batch size: what its chapters need beside the library."""
