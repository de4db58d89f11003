"""The laws that stood or were corrected: closed forms and quadratures, with NumPy and SciPy alone."""

import functools
import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any

import lazy_loader

_lazily, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> Any:
    found = _lazily(name)
    if name not in __all__:
        return found
    globals().pop(name, None)  # where the loader keeps the bare law
    return _told(found)


@functools.cache
def _told(law: Callable[..., Any]) -> Callable[..., Any]:
    """The law; where it stumbles over a list or a text in the place of one number, the error says over which."""
    signature = inspect.signature(law)

    @functools.wraps(law)
    def asked(*args: Any, **named: Any) -> Any:
        given = signature.bind(*args, **named).arguments
        try:
            return law(*args, **named)
        except (TypeError, ValueError, RuntimeError) as error:
            if not str(error).startswith("expected "):
                one = import_module("trainphys.checks").one  # by its name: no computation depends on how this is said
                for each, value in given.items():
                    if signature.parameters[each].annotation in ("float", "int", float, int):
                        one(**{each: value})
            raise

    asked.__module__ = __name__  # where pickle finds it
    return asked
