"""How noisy are the gradients? Per-sample gradients, noise scale, temperature."""
