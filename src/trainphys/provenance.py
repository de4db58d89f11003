"""What a result was made from: the source of the modules that it uses, directly or through others."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path

import grimp

PACKAGE = "trainphys"


@functools.cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph(PACKAGE, cache_dir=None)


def known_modules() -> frozenset[str]:
    """Every module of this package."""
    return frozenset(_graph().modules)


def modules_behind(names: Iterable[str]) -> list[str]:
    """The given modules of this package, all that they import from it, and the packages that hold them.

    Raises:
        ValueError: a name that is not a module of this package.

    >>> modules_behind(["trainphys.estimate"])
    ['trainphys', 'trainphys.estimate']
    """
    graph = _graph()
    found: set[str] = set()
    todo = set(names)
    if unknown := todo - graph.modules:
        raise ValueError(f"expected modules of {PACKAGE}, got {', '.join(sorted(unknown))}: is the name misspelt?")
    while todo:
        name = todo.pop()
        found.add(name)
        parents = {name.rpartition(".")[0]} - {""}  # importing a module runs the packages around it
        todo |= (graph.find_modules_directly_imported_by(name) | parents) - found
    return sorted(found)


def _file(name: str) -> Path:
    """Where a module's source is, without importing the packages around it: some need an optional extra."""
    path = Path(__file__).parent.joinpath(*name.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def source_digest(names: Iterable[str]) -> str:
    """SHA-256 of the source of ``modules_behind(names)``; it changes when any of them changes."""
    digest = hashlib.sha256()
    for name in modules_behind(names):
        digest.update(name.encode() + b"\0" + _file(name).read_bytes() + b"\0")
    return digest.hexdigest()


@functools.cache
def package_digest() -> str:
    """SHA-256 of the source of the whole package, as it was when this process first asked."""
    return source_digest(known_modules())
