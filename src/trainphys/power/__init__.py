"""Power against time: what batch size costs and what it buys."""

import lazy_loader

# The names are in __init__.pyi. A module is imported when one of its names is first used, so that this is quick.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
