"""A4: small, critical and large batches, and whether the laws agree with one another."""
