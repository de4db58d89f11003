"""The physics of training, audited: tools for one's own models, and in ``trainphys.laws`` the laws that stood."""

from importlib import import_module
from typing import Any

import lazy_loader

_lazily, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # takes longer than all the rest

        return version(__name__)
    try:
        return _lazily(name)
    except ModuleNotFoundError as error:
        extras = import_module("trainphys.extras")  # by its name: no computation depends on how this is said
        raise ModuleNotFoundError(extras.cure(error, f"trainphys.{name}"), name=error.name) from error
