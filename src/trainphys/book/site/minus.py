"""Negative numbers in the sentences of a page, with a minus sign where Python prints a hyphen."""

import re
from typing import Any

from docutils import nodes
from sphinx import addnodes

from trainphys.book.cards import MINUS

NEGATIVE = re.compile(r"(?<![\w.,%°)\]/’'-])-(?=\d)")  # not the hyphen of a date, a range or a name
AS_IT_IS = (nodes.literal, nodes.literal_block, nodes.math, nodes.math_block, nodes.raw, nodes.comment, addnodes.index)
PAGES = ("notebooks/", "book/findings", "book/gallery", "book/ledger", "book/survives")


def setup(app: Any) -> None:
    app.connect("doctree-read", sign, priority=600)  # before words are explained: what is explained is raw


def sign(app: Any, doctree: nodes.document) -> None:
    """Chapters, and the pages that are made from their numbers; code, formulas and files keep what they have."""
    if not app.env.docname.startswith(PAGES):
        return
    for text in list(doctree.findall(nodes.Text)):
        if (signed := with_minus(text)) != text and not _inside(text):
            text.parent.replace(text, nodes.Text(signed))


def with_minus(text: str) -> str:
    """A sentence whose negative numbers have a minus sign.

    >>> with_minus("from -1 to 0.94, by -4.3% to +1.9%"), with_minus("on 2026-11-29, C-1, x_-1, 3-4 and (-2)")
    ('from −1 to 0.94, by −4.3% to +1.9%', 'on 2026-11-29, C-1, x_-1, 3-4 and (−2)')
    """
    return NEGATIVE.sub(MINUS, text)


def _inside(node: nodes.Node) -> bool:
    while (node := node.parent) is not None:
        if isinstance(node, AS_IT_IS):
            return True
    return False
