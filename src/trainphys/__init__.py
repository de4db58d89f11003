"""The physics of training, audited: tools for one's own models, and in ``trainphys.laws`` the laws that stood.

Tools that need PyTorch are listed where it is installed: ``pip install 'trainphys[torch]'``.
"""

from importlib import import_module
from typing import Any

import lazy_loader

_lazily, _, _promised = lazy_loader.attach_stub(__name__, __file__)
_extras = import_module("trainphys.extras")  # by its name: no computation depends on what is installed
__all__ = _extras.installed(_promised)


def __dir__() -> list[str]:
    return __all__.copy()


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # takes longer than all the rest

        return version(__name__)
    try:
        return _lazily(name)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(_extras.cure(error, f"trainphys.{name}"), name=error.name) from error
