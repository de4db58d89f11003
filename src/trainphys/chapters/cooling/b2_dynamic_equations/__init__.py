"""B2 dynamic equations."""
