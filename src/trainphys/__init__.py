"""The physics of training, audited: tools for one's own models, and in ``trainphys.laws`` the laws that stood."""

from typing import Any

import lazy_loader

_lazily, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # takes longer than all the rest

        return version(__name__)
    return _lazily(name)
