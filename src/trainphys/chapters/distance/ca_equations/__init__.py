"""Chapter CA, equations: no code of its own.

See xor/staircase.py and the shared feature_algebra.py and features.py.
"""
