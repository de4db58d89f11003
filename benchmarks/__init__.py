"""Kernels timed beside what a careful user would write with NumPy or SciPy, in one process, in turn."""
