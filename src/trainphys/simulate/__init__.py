"""Second opinions: particles, densities and stochastic gradient descent, which know none of the laws."""
