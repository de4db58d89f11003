"""How far from the solution, and how long to go: the model y = |Wx + b| on centred XOR."""
