"""Search finds prose: neither code, TeX nor citations are indexed, and a chapter comes first for what it measures."""

from typing import Any

from docutils import nodes
from sphinx.search import WordCollector

NOT_PROSE = (nodes.literal_block, nodes.math, nodes.math_block)
CITED = '<details class="cite-figure"'  # it holds the book's title, on every page


def setup(app: Any) -> None:
    index = WordCollector.dispatch_visit

    def prose_alone(self: Any, node: nodes.Node) -> None:
        if isinstance(node, NOT_PROSE) or (isinstance(node, nodes.raw) and CITED in node.astext()):
            raise nodes.SkipNode
        index(self, node)

    WordCollector.dispatch_visit = prose_alone
