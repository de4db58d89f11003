"""Predictions: closed forms that stood, or that replace what did not. NumPy and SciPy alone."""
