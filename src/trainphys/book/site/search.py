"""Search finds prose: neither code nor TeX is indexed, and a chapter comes first for what it measures."""

from typing import Any

from docutils import nodes
from sphinx.search import WordCollector

NOT_PROSE = (nodes.literal_block, nodes.math, nodes.math_block)


def setup(app: Any) -> None:
    index = WordCollector.dispatch_visit

    def prose_alone(self: Any, node: nodes.Node) -> None:
        if isinstance(node, NOT_PROSE):
            raise nodes.SkipNode
        index(self, node)

    WordCollector.dispatch_visit = prose_alone
