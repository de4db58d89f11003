"""What laws and simulations both take: losses, coolings, cells, and the noisy quadratic model."""
