"""What the directives of this site have in common: the book's folder, Markdown and HTML as nodes."""

from collections.abc import Callable
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective


class Page(SphinxDirective):
    @property
    def root(self) -> Path:
        return Path(self.env.srcdir)

    def parse(self, text: str) -> list[nodes.Node]:
        container = nodes.container()
        self.state.nested_parse(StringList(text.splitlines(), self.env.docname), 0, container, match_titles=True)
        return list(container.children)


def markdown(make: Callable[[Path], str]) -> type[Page]:
    """A directive that stands for the Markdown that ``make`` writes."""

    class Made(Page):
        def run(self) -> list[nodes.Node]:
            return self.parse(make(self.root))

    return Made


def html(make: Callable[[Path], str]) -> type[Page]:
    """A directive that stands for the HTML that ``make`` writes."""

    class Made(Page):
        def run(self) -> list[nodes.Node]:
            return [raw(make(self.root))]

    return Made


def raw(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")
