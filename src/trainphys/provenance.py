"""What a result was made from: the code of the modules that it uses, directly or through others."""

import ast
import functools
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

import grimp

PACKAGE = "trainphys"
_AT_START = {path: path.stat().st_mtime_ns for path in Path(__file__).parent.rglob("*.py")}
READS_DOCSTRINGS = re.compile(rb"__doc[_]_|getdo[c]")  # spelt so that this module is none of those that read them


@functools.cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph(PACKAGE, cache_dir=None)


def known_modules() -> frozenset[str]:
    """Every module of this package."""
    return frozenset(_graph().modules)


def imported_by(name: str) -> frozenset[str]:
    """The modules of this package that one of them imports itself."""
    return frozenset(_graph().find_modules_directly_imported_by(name))


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


class _WithoutTexts(ast.NodeTransformer):
    """Drops docstrings, and other texts that stand as a statement and do nothing."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        return None if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str) else node


@functools.cache
def _code(source: bytes) -> bytes:
    """The syntax tree of a source as text: no comments, docstrings or positions."""
    return ast.dump(_WithoutTexts().visit(ast.parse(source))).encode()


def source_digest(names: Iterable[str], *, whole: bool = False) -> str:
    """SHA-256 of the code of ``modules_behind(names)``; it changes when the code of any of them does.

    Comments and docstrings count only with ``whole``, or when one of the modules reads docstrings.
    """
    sources = {name: _file(name).read_bytes() for name in modules_behind(names)}
    whole = whole or any(READS_DOCSTRINGS.search(source) for source in sources.values())
    digest = hashlib.sha256()
    for name, source in sources.items():
        digest.update(name.encode() + b"\0" + (source if whole else _code(source)) + b"\0")
    return digest.hexdigest()


def edited(names: Iterable[str]) -> bool:
    """Whether a source of ``modules_behind(names)`` was written since this process began: it may run the old code."""
    files = map(_file, modules_behind(names))
    return any(_AT_START.get(file) != file.stat().st_mtime_ns for file in files)


@functools.cache
def package_digest() -> str:
    """SHA-256 of the code of the whole package, as it was when this process first asked; of one version of Python."""
    return source_digest(known_modules())
