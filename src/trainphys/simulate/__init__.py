"""Second opinions: particles, densities and descent, simulated without the laws that they are compared with."""
