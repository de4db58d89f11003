"""Chapters as files: which there are, what they import, which claims they judge, with which parameters."""

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import yaml

from trainphys.book.project import SourceError, read_yaml

CLAIM_ID = re.compile(r"\b[ABC](?:\d|A)\.\d[a-z]\b")
LETTERS = {"power": "A", "cooling": "B", "distance": "C"}
DEFAULT_TIMEOUT_S = 3600.0  # a busy machine takes ten times as long as a free one


@dataclass(frozen=True)
class Chapter:
    """One notebook of the table of contents, such as ``power/7-practical-curve``."""

    root: Path
    name: str

    @property
    def path(self) -> Path:
        return self.root / "notebooks" / f"{self.name}.md"

    @property
    def docname(self) -> str:
        return f"notebooks/{self.name}"

    @property
    def number(self) -> str:
        """The document's letter and section, such as ``A7``."""
        part, file = self.name.split("/")
        return f"{LETTERS[part]}{file.split('-')[0].upper()}"

    @property
    def title(self) -> str:
        """The heading of the page."""
        heading = re.search(r"^# (.+)$", self.text, re.M)
        return heading.group(1).strip() if heading else self.number

    @cached_property
    def text(self) -> str:
        return self.path.read_text("utf8")

    @cached_property
    def notebook(self) -> nbformat.NotebookNode:
        """The text as cells, whose ids are the same in every run; do not change it."""
        with _read("front matter in YAML", self.path):
            return _cells(self.text)

    @cached_property
    def code(self) -> list[str]:
        return [cell.source for cell in code_cells(self.notebook)]

    @property
    def tags(self) -> list[list[str]]:
        """What the code cells are tagged with, but for the tags that only hide something on the page."""
        tags = [cell.metadata.get("tags", []) for cell in code_cells(self.notebook)]
        return [[tag for tag in own if not tag.startswith(("hide-", "remove-"))] for own in tags]

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The front matter's ``trainphys`` block: ``timeout`` in seconds, ``quick`` parameters."""
        front = self.text.split("\n---\n", 1)[0].removeprefix("---\n")
        with _read("front matter in YAML", self.path):
            return dict(yaml.safe_load(front).get("trainphys") or {})

    @property
    def timeout_s(self) -> float:
        return float(self.settings.get("timeout", DEFAULT_TIMEOUT_S))

    @cached_property
    def claim_ids(self) -> list[str]:
        """Claims that the chapter judges: the ids in its calls of ``Claim``."""
        calls = re.findall(r"""Claim\(\s*["']([^"']+)["']""", "\n".join(self.code))
        return sorted(set(calls))

    @cached_property
    def modules(self) -> list[str]:
        """Modules of this package that the chapter imports, as it names them."""
        found: set[str] = set()
        for number, source in enumerate(self.code, start=1):
            with _read(f"Python in code cell {number}", self.path):
                found |= set(_imported(_without_magics(source)))
        return sorted(name for name in found if name.split(".")[0] == "trainphys")

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """Values in the cell tagged ``parameters``."""
        for cell in self.notebook.cells:
            if "parameters" in cell.metadata.get("tags", []):
                with _read("Python in the parameters cell", self.path):
                    return _literals(cell.source, self.name)
        raise ValueError(f"expected a cell tagged parameters in {self.path}, got none: add one with seed and sizes")


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def find_chapters(root: Path) -> list[Chapter]:
    """Chapters in the order of the table of contents."""
    toc = read_yaml(root / "_toc.yml")
    names = [name.removeprefix("notebooks/") for name in _files(toc) if name.startswith("notebooks/")]
    chapters = [Chapter(root, name) for name in names]
    if missing := [c.path for c in chapters if not c.path.is_file()]:
        raise FileNotFoundError(f"expected the chapters of _toc.yml, got no file {', '.join(map(str, missing))}")
    return chapters


@lru_cache(maxsize=64)
def _cells(text: str) -> nbformat.NotebookNode:
    """Kept, because each page of the site asks for its chapter anew."""
    notebook = jupytext.reads(text, fmt="md:myst")
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    return notebook


@contextmanager
def _read(what: str, path: Path) -> Iterator[None]:
    """An error of who reads a text names the file."""
    try:
        yield
    except (yaml.YAMLError, SyntaxError, AttributeError) as error:
        raise SourceError(f"expected {what} of {path}, got: {error}") from error


def _files(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _files(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in ("file", "root"):
                yield value
            else:
                yield from _files(value)


def _without_magics(source: str) -> str:
    return "\n".join(line for line in source.splitlines() if not line.lstrip().startswith(("%", "!")))


def _imported(source: str) -> Iterator[str]:
    """Full names that a cell imports; ``from package import name`` may name a module or something in one."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _literals(source: str, name: str) -> dict[str, Any]:
    found = {}
    for node in ast.parse(source).body:
        if not (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)):
            raise ValueError(f"expected plain assignments in the parameters cell of {name}, got {ast.unparse(node)}")
        found[node.targets[0].id] = ast.literal_eval(node.value)
    return found
