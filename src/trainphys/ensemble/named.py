"""Which code a value brings along: the functions and classes that a file of it would only name."""

import io
import pickle
import sys
from types import BuiltinFunctionType, FunctionType
from typing import Any

from trainphys import provenance

# packages whose code nobody edits between two runs
INSTALLED = {*sys.stdlib_module_names, "numpy", "pandas", "scipy", "sklearn", "torch"}


class _Pickler(pickle.Pickler):
    def __init__(self) -> None:
        super().__init__(io.BytesIO())
        self.modules: set[str] = set()

    def reducer_override(self, thing: Any) -> Any:
        if isinstance(thing, (type, FunctionType, BuiltinFunctionType)):
            self.modules.add(thing.__module__ or "builtins")
        return NotImplemented


def modules_in(*things: Any) -> list[str] | None:
    """Modules of this package that define what the things name; None when they hold code that no key can stand for.

    That is a closure, a lambda, or something of the user's own: its source says nothing of the globals that it reads.

    >>> modules_in(modules_in, [1.5, int]), modules_in(lambda x: x)
    (['trainphys.ensemble.named'], None)
    """
    pickler = _Pickler()
    try:
        pickler.dump(things)
    except (AttributeError, TypeError, pickle.PicklingError):
        return None
    ours = pickler.modules & provenance.known_modules()
    others = {name.partition(".")[0] for name in pickler.modules - ours}
    return sorted(ours) if others <= INSTALLED else None
