"""Training as cooling: Langevin dynamics, Fokker-Planck equations, success probabilities."""
