"""One call for a run: stability, noise and temperature at the parameters of the moment, and what they suggest."""
