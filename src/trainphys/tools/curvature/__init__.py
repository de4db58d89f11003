"""Curvature of a loss: largest Hessian eigenvalue and trace, without building the Hessian."""
