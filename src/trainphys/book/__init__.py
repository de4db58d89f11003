"""How the book is made. A chapter needs four of its words: ``Claim``, ``figure``, ``glue`` and ``palette``."""

import lazy_loader

# Loaded when first used: other projects' documentation imports this package for its entry points alone.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={"claims": ["Claim"], "figures": ["figure", "palette"], "numbers": ["glue"]},
)
