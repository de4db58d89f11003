"""Chapters are numbered as the claims are: A1 to A8, B1 to B7, C1 to CA; figures and equations follow."""

from pathlib import Path
from typing import Any

from docutils import nodes

from trainphys.book.chapters import find_chapters


def setup(app: Any) -> None:
    app.connect("env-get-updated", renumber, priority=900)  # Sphinx has counted them by then


def renumber(app: Any, env: Any) -> list[str]:
    """Put the chapter's own number in place of its place in the table of contents; returns no page to write anew."""
    for chapter in find_chapters(Path(app.srcdir)):
        name, number = chapter.docname, chapter.number
        for anchor, found in env.toc_secnumbers.get(name, {}).items():
            env.toc_secnumbers[name][anchor] = _with(number, found)
        for numbers in env.toc_fignumbers.get(name, {}).values():
            numbers.update({anchor: _with(number, found) for anchor, found in numbers.items()})
        numbered = [*env.tocs[name].findall(nodes.reference), env.titles[name]] if name in env.tocs else []
        for node in numbered:
            if node.get("secnumber"):
                node["secnumber"] = _with(number, node["secnumber"])
    return []


def _with(number: str, found: Any) -> tuple[Any, ...]:
    return (number, *found[1:]) if found else ()
