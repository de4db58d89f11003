"""Training as cooling: Langevin dynamics, Fokker-Planck equations, success probabilities."""

import lazy_loader

# The names are in __init__.pyi. A module is imported when one of its names is first used, so that this is quick.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
