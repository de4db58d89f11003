"""C2 model performance."""
