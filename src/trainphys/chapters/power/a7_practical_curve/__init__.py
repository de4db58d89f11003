"""Chapter A7, the practical curve: no code of its own.

See laws/batch_size.py, tools/batch_size/fit.py and the shared batch_sweep.py and claimed.py.
"""
