"""Gradients of single samples: how noisy they are, and the temperature and batch size that follow."""
