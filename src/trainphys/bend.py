"""Laws changed by a tenth, to see what notices: measurements must not, comparisons with teeth must."""

import ast
import functools
import importlib
import inspect
import os
import pkgutil
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from types import ModuleType
from typing import Any

import numpy as np

ROOM_LAWS = ("laws", "claimed")  # files of a chapter's room that predict
XOR_LAWS = ("basins", "equivalences", "guarantee", "mean_distances", "staircase")  # and of the XOR experiment
BEND = "TRAINPHYS_BEND"  # which way, in the environment of a chapter that runs with bent laws
BY = 0.1
WAYS = ("up", "down", "mixed")  # mixed: one value up, the next down, so that ratios of one law move as well
_depth = 0  # a law that calls a law is bent once


def active() -> bool:
    """Whether laws are bent in this process."""
    return BEND in os.environ


def start_kernel(shell: Any) -> None:
    """Bend the laws for a chapter, and leave out its assertions, which would stop it before its evidence is there."""
    install(os.environ[BEND])
    shell.ast_transformers.append(_WithoutAssertions())


class _WithoutAssertions(ast.NodeTransformer):
    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return ast.copy_location(ast.Pass(), node)


def install(way: str) -> list[str]:
    """Bend what every law returns, for all that imports it from now on; returns the laws' names."""
    from trainphys.book import formulas

    bent = ["trainphys.book.formulas.evaluate"]
    formulas.evaluate = _bent(formulas.evaluate, way)
    for module in law_modules():
        for name, law in vars(module).copy().items():
            if inspect.isfunction(law) and law.__module__ == module.__name__ and not name.startswith("_"):
                setattr(module, name, _bent(law, way))
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


def _bent(law: Callable[..., Any], way: str) -> Callable[..., Any]:
    @functools.wraps(law)
    def bent(*args: Any, **kwargs: Any) -> Any:
        global _depth
        _depth += 1
        try:
            found = law(*args, **kwargs)
        finally:
            _depth -= 1
        if _depth:
            return found
        factors = _Factors(way, f"{law.__qualname__}{args}{kwargs}")
        if isinstance(found, (int, np.integer)) and not isinstance(found, bool):  # counts alone: to the next count
            return type(found)(round(found * float(factors(()))))
        if isinstance(found, np.ndarray) and np.issubdtype(found.dtype, np.integer):
            return np.rint(found * factors(found.shape)).astype(found.dtype)
        return times(found, factors)

    return bent


class _Factors:
    """The factors of one call: all 1.1, all 0.9, or either by lot, the same lot for the same arguments."""

    def __init__(self, way: str, call: str) -> None:
        self.way, self.lots = way, np.random.default_rng(zlib.crc32(call.encode()))

    def __call__(self, shape: tuple[int, ...]) -> Any:
        signs = self.lots.choice([-1, 1], shape) if self.way == "mixed" else {"up": 1, "down": -1}[self.way]
        return 1 + BY * signs


def times(found: Any, factors: Callable[[tuple[int, ...]], Any]) -> Any:
    """What a law returned, with its numbers multiplied; counts beside them, texts and truth values stay.

    >>> times((2.0, 3, "x"), lambda shape: 1.5)
    (3.0, 3, 'x')
    """
    if isinstance(found, (float, np.floating)):
        return type(found)(found * factors(()))
    if isinstance(found, np.ndarray):
        return found * factors(found.shape) if np.issubdtype(found.dtype, np.floating) else found
    if isinstance(found, tuple):
        many = [times(value, factors) for value in found]
        return type(found)(*many) if hasattr(found, "_fields") else tuple(many)
    if is_dataclass(found) and not isinstance(found, type):
        return replace(found, **{f.name: times(getattr(found, f.name), factors) for f in fields(found) if f.init})
    return _times_later(found, factors) if inspect.isfunction(found) else found


def _times_later(function: Callable[..., Any], factors: Callable[[tuple[int, ...]], Any]) -> Callable[..., Any]:
    """A law that returned a function: what that returns is bent."""

    @functools.wraps(function)
    def later(*args: Any, **kwargs: Any) -> Any:
        return times(function(*args, **kwargs), factors)

    return later
