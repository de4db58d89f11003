"""How sharp is the loss? Largest eigenvalue and trace of the Hessian."""
