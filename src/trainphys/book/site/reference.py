"""The reference: every public name from its docstring, by autodoc; and names in the chapters' text that lead there."""

import functools
import importlib
import inspect
import re
from pathlib import Path
from typing import Any

from docutils import nodes

PAGE = "book/reference"
DOORS = {"trainphys": "Tools", "trainphys.laws": "Laws"}
DISPLAYED = re.compile(r"\$\$(.+?)\$\$ *", re.S)
INLINE = re.compile(r"(?<![\\$`])\$([^$]+?)\$(?!\$)", re.S)


def setup(app: Any) -> None:
    app.connect("autodoc-process-docstring", formulas_as_sphinx_writes_them, priority=400)  # before napoleon
    app.connect("doctree-read", link_names)


def reference(root: Path) -> str:
    """Markdown of the page: the names of each front door, by the module that they come from."""
    lines = []
    for door, title in DOORS.items():
        lines += [f"## {title}", "", f"`from {door} import ...`", ""]
        for subject, names in _by_subject(door).items():
            lines += [f"### {subject}", "", "```{eval-rst}"]
            lines += [f".. {_kind(door, name)}:: {door}.{name}\n" for name in names]
            lines += ["```", ""]
    return "\n".join(lines)


@functools.cache  # each word of code in each page asks
def public(door: str) -> list[str]:
    """Names that a front door promises, but for rooms behind it."""
    module = importlib.import_module(door)
    return [name for name in module.__all__ if not inspect.ismodule(getattr(module, name))]


def _by_subject(door: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in public(door):
        origin = inspect.unwrap(getattr(importlib.import_module(door), name)).__module__
        folders = origin.removeprefix("trainphys.").split(".")
        subject = folders[1] if len(folders) > 2 else folders[-1]
        found.setdefault(subject.replace("_", " ").capitalize(), []).append(name)
    return found


def _kind(door: str, name: str) -> str:
    what = getattr(importlib.import_module(door), name)
    if inspect.isclass(what):
        return "autoexception" if issubclass(what, Exception) else "autoclass"
    return "autofunction"


def formulas_as_sphinx_writes_them(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """``$x$`` and ``$$x$$`` of a docstring as roles and directives; doctests stay as they are."""
    text = "\n".join(lines)
    text = DISPLAYED.sub(lambda found: f"\n\n.. math:: {' '.join(found[1].split())}\n\n", text)
    text = INLINE.sub(lambda found: f":math:`{' '.join(found[1].split())}`", text)
    lines[:] = [line.lstrip() if line.lstrip().startswith(".. math::") else line for line in text.split("\n")]


def link_names(app: Any, doctree: nodes.document) -> None:
    """A public name in the text of a chapter, of the handbook or of a tool's page leads to its entry."""
    docname = app.env.docname
    if not docname.startswith(("notebooks/", "book/survives", "book/start", "book/tools")):
        return
    for word in list(doctree.findall(nodes.literal)):
        door = _door(word.astext().split("(")[0])
        if door and not isinstance(word.parent, nodes.reference):
            address = app.builder.get_relative_uri(docname, PAGE)
            link = nodes.reference("", "", word.deepcopy(), refuri=f"{address}#{door}", internal=True)
            word.parent.replace(word, link)


def _door(word: str) -> str:
    """Full name of a public name, as the anchors of the page have it; empty for other words."""
    name = word.removeprefix("trainphys.").removeprefix("laws.")
    return next((f"{door}.{name}" for door in reversed(DOORS) if name in public(door)), "")
