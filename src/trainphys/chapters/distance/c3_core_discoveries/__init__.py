"""Chapter C3, core discoveries: no code of its own.

See laws/contraction.py, xor/ and the shared norms.py and line_fits.py.
"""
