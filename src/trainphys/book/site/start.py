"""What the start page shows: findings with a number, a small figure and a link, in sentences filled from the runs."""

import html
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives

from trainphys.book.chapters import Chapter
from trainphys.book.site.pages import read
from trainphys.book.site.render import pictures
from trainphys.book.texts import filled


def values_of(root: Path, chapter: str) -> dict[str, Any]:
    """Numbers and phrases that a chapter made for sentences."""
    known = read(root, "values.json")
    if chapter not in known:
        raise ValueError(f"expected a chapter such as {next(iter(known))}, got {chapter!r}")
    return dict(known[chapter])


class FindingOptions:
    """Arguments of ``{finding} power/7-practical-curve``: the figure to show and the number to set large."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {
        "figure": directives.unchanged_required,
        "number": directives.unchanged_required,
        "view": directives.unchanged,  # the part of the figure that is shown: x y width height, in its own points
    }


def finding(page: Any) -> list[nodes.Node]:
    """A card with a sentence, a number, a small figure and a link to its chapter."""
    chapter = Chapter(page.root, page.arguments[0])
    values = values_of(page.root, chapter.name)
    figure = _figure(page.root, page.options["figure"])
    link = f"../{chapter.docname}.html"
    number = html.escape(filled(page.options["number"], values))
    opening = (
        f'<div class="finding"><a class="finding-figure" href="../notebooks/{figure["chapter"]}.html#{figure["name"]}">'
        f"{pictures(figure, '../figures', page.options.get('view', ''))}</a>"
        f'<div><p class="finding-number">{number}</p>'
    )
    more = f'<p><a href="{link}">{chapter.number} {html.escape(chapter.title)}</a></p></div></div>'
    text = page.parse(filled("\n".join(page.content), values))
    return [nodes.raw("", opening, format="html"), *text, nodes.raw("", more, format="html")]


def _figure(root: Path, name: str) -> dict[str, Any]:
    for record in read(root, "figures.json"):
        if record["name"] == name:
            return dict(record)
    raise ValueError(f"expected a figure of the book, got {name!r}")
