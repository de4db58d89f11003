"""What laws and simulations both take: losses, coolings, grids, the noisy quadratic."""
