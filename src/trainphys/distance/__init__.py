"""How far from the solution, and how long to go: the model y = |Wx + b| on centred XOR."""

import lazy_loader

# The names are in __init__.pyi. A module is imported when one of its names is first used, so that this is quick.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
