"""The page of all figures."""

import html
from typing import Any

from docutils import nodes

from trainphys.book.chapters import LETTERS
from trainphys.book.site import pages
from trainphys.book.site.page import Page, raw
from trainphys.book.site.render import cite_block, pictures


def in_order(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Figures chapter by chapter as the book has them, and by their numbers within one."""
    chapters = list(dict.fromkeys(record["chapter"] for record in records))
    return sorted(records, key=lambda r: (chapters.index(r["chapter"]), int(r["number"].rsplit(".")[-1])))


class Gallery(Page):
    """Every figure of the book as a grid, from ``figures.json``; a part is chosen without JavaScript."""

    def run(self) -> list[nodes.Node]:
        choices = {"all": "all parts", **{letter: f"{letter} · {title}" for letter, title in pages.PART_TITLES.items()}}
        buttons = "".join(
            f'<label><input type="radio" name="gallery" value="{value}"{" checked" if value == "all" else ""}> '
            f"{html.escape(words)}</label>"
            for value, words in choices.items()
        )
        found: list[nodes.Node] = [raw(f'<fieldset class="gallery-parts"><legend>Show</legend>{buttons}</fieldset>')]
        found.append(raw('<div class="gallery">'))
        for record in in_order(pages.read(self.root, "figures.json")):
            name = record["name"]
            part = LETTERS[record["chapter"].split("/")[0]]
            link = f"../notebooks/{record['chapter']}.html#{name}"
            picture = f'<a href="{link}">{pictures(record, "../figures")}</a>'
            found += [raw(f'<figure class="gallery-figure" data-part="{part}">{picture}<figcaption>')]
            found += self.parse(f"{{numref}}`{name}` {record['caption']}")
            found += [raw(f"{cite_block(record, '../figures')}</figcaption></figure>")]
        return [*found, raw("</div>")]
