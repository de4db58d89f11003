"""Kernels beside what their users would run instead, in one process, in turn; see ``python -m benchmarks --help``."""
