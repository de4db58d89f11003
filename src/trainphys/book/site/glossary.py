"""Words that are explained where they first occur on a chapter's page, and the page that lists them."""

import functools
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes

from trainphys.book import project

INSIDE = (
    nodes.title,
    nodes.reference,
    nodes.literal,
    nodes.literal_block,
    nodes.math,
    nodes.caption,
    nodes.strong,
    nodes.raw,
)


def setup(app: Any) -> None:
    app.connect("doctree-read", explain, priority=700)


@functools.cache
def terms(root: Path) -> dict[str, str]:
    """Explanations by word; longer words first, so that a critical batch size is not taken for a batch size."""
    found: dict[str, str] = project.read_yaml(root / "book/glossary.yml")
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


def anchor(term: str) -> str:
    """Where the list explains a word.

    >>> anchor("critical batch size")
    'term-critical-batch-size'
    """
    return f"term-{term.replace(' ', '-')}"


def listed(root: Path) -> str:
    """HTML of the list, in alphabetical order."""
    entries = (
        f'<dt id="{anchor(term)}">{html.escape(term)}</dt><dd>{html.escape(text)}</dd>'
        for term, text in sorted(terms(root).items(), key=lambda item: item[0].casefold())
    )
    return f'<dl class="glossary">{"".join(entries)}</dl>'


def explain(app: Any, doctree: nodes.document) -> None:
    """Link the first occurrence of each word in a chapter's prose to its explanation, which shows when pointed at."""
    if not app.env.docname.startswith("notebooks/"):
        return
    known = terms(Path(app.srcdir))
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, known)) + r")s?\b", re.I)
    unseen = dict(known)
    for text in list(_prose(doctree)):
        pieces = list(_pieces(text.astext(), pattern, unseen))
        if len(pieces) > 1:
            text.parent.replace(text, pieces)


def _prose(doctree: nodes.document) -> Iterator[nodes.Text]:
    for paragraph in doctree.findall(nodes.paragraph):
        for text in paragraph.findall(nodes.Text):
            above = text.parent
            while above is not paragraph and not isinstance(above, INSIDE):
                above = above.parent
            handle = "claim-words" in paragraph["classes"]  # of a fold: what opens when pressed holds no other link
            if above is paragraph and not handle and not isinstance(paragraph.parent, nodes.caption):
                yield text


def _pieces(text: str, pattern: re.Pattern[str], unseen: dict[str, str]) -> Iterator[nodes.Node]:
    start = 0
    for match in pattern.finditer(text):
        term = match[1].lower()
        if term in unseen:
            yield nodes.Text(text[start : match.start()])
            tip = html.escape(unseen.pop(term))
            link = f'<a class="term" href="../../book/glossary.html#{anchor(term)}" data-tip="{tip}">{match[0]}</a>'
            yield nodes.raw("", link, format="html")
            start = match.end()
    yield nodes.Text(text[start:])
