"""Laws changed by a tenth, to see what notices: measurements must not, comparisons with teeth must."""

import ast
import functools
import importlib
import inspect
import os
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from types import ModuleType
from typing import Any

import numpy as np

ROOM_LAWS = ("laws", "claimed")  # files of a chapter's room that predict
XOR_LAWS = ("basins", "equivalences", "guarantee", "mean_distances", "staircase")  # and of the XOR experiment
BEND = "TRAINPHYS_BEND"  # the factor, in the environment of a chapter that runs with bent laws
_depth = 0  # a law that calls a law is bent once


def active() -> bool:
    """Whether laws are bent in this process."""
    return BEND in os.environ


def start_kernel(shell: Any) -> None:
    """Bend the laws for a chapter, and leave out its assertions, which would stop it before its evidence is there."""
    install(float(os.environ[BEND]))
    shell.ast_transformers.append(_WithoutAssertions())


class _WithoutAssertions(ast.NodeTransformer):
    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return ast.copy_location(ast.Pass(), node)


def install(factor: float) -> list[str]:
    """Multiply what every law returns by a factor, for all that imports it from now on; returns the laws' names."""
    from trainphys.book import formulas

    bent = ["trainphys.book.formulas.evaluate"]
    formulas.evaluate = _bent(formulas.evaluate, factor)
    for module in law_modules():
        for name, law in vars(module).copy().items():
            if inspect.isfunction(law) and law.__module__ == module.__name__ and not name.startswith("_"):
                setattr(module, name, _bent(law, factor))
                bent.append(f"{module.__name__}.{name}")
    return bent


@contextmanager
def setting() -> Iterator[None]:
    """Inside, laws are as they are: they choose what is tried (a learning rate, a schedule), not what is expected."""
    global _depth
    _depth += 1
    try:
        yield
    finally:
        _depth -= 1


def law_modules() -> Iterator[ModuleType]:
    """Every module that predicts: ``laws``, the exact laws of ``xor``, ``laws.py`` and ``claimed.py`` of rooms."""
    import trainphys

    for found in pkgutil.walk_packages(trainphys.__path__, "trainphys."):
        parts = found.name.split(".")
        in_room = parts[1] == "chapters" and parts[-1] in ROOM_LAWS
        in_xor = parts[1] == "xor" and parts[-1] in XOR_LAWS
        if not found.ispkg and (parts[1] == "laws" or in_room or in_xor):
            yield importlib.import_module(found.name)


def _bent(law: Callable[..., Any], factor: float) -> Callable[..., Any]:
    @functools.wraps(law)
    def bent(*args: Any, **kwargs: Any) -> Any:
        global _depth
        _depth += 1
        try:
            found = law(*args, **kwargs)
        finally:
            _depth -= 1
        return found if _depth else _counts(times(found, factor), factor)

    return bent


def _counts(found: Any, factor: float) -> Any:
    """A law that returns counts alone is bent to the next count; counts beside other numbers stay."""
    if isinstance(found, (int, np.integer)) and not isinstance(found, bool):
        return type(found)(round(found * factor))
    if isinstance(found, np.ndarray) and np.issubdtype(found.dtype, np.integer):
        return np.rint(found * factor).astype(found.dtype)
    return found


def times(found: Any, factor: float) -> Any:
    """What a law returned, with its numbers multiplied; counts, texts and truth values stay.

    >>> times((2.0, 3, "x"), 1.1)
    (2.2, 3, 'x')
    """
    if isinstance(found, (float, np.floating)):
        return type(found)(found * factor)
    if isinstance(found, np.ndarray):
        return found * factor if np.issubdtype(found.dtype, np.floating) else found
    if isinstance(found, tuple):
        many = [times(value, factor) for value in found]
        return type(found)(*many) if hasattr(found, "_fields") else tuple(many)
    if is_dataclass(found) and not isinstance(found, type):
        return replace(found, **{f.name: times(getattr(found, f.name), factor) for f in fields(found) if f.init})
    return _bent(found, factor) if inspect.isfunction(found) else found
