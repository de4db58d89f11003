"""The physics of training, audited."""
