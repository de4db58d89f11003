"""B3 quenching and annealing."""
