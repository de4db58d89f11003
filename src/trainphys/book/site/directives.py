"""Directives that put the ledger, the gallery and the counts where a page wants them."""

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxRole

from trainphys.book import changes, cite
from trainphys.book.site import (
    architectures,
    audit,
    documents,
    example,
    execution,
    glossary,
    handbook,
    pages,
    published_sweeps,
    reference,
    speed,
    start,
    verdict_map,
    worked,
)
from trainphys.book.site.gallery import Gallery
from trainphys.book.site.ledger_page import Ledger
from trainphys.book.site.page import Page, html, markdown, raw
from trainphys.book.site.render import large


def setup(app: Any) -> None:
    app.add_directive("findings", markdown(pages.findings))
    app.add_directive("survives", markdown(handbook.handbook))
    app.add_directive("cited", Cited)
    app.add_directive("changes", markdown(changes.page))
    app.add_directive("audit-summary", markdown(audit.summary))
    app.add_directive("audit-systems", markdown(audit.systems))
    app.add_directive("audit-sentences", markdown(audit.sentences))
    app.add_directive("audit-weak", markdown(audit.weak))
    app.add_directive("audit-pictures", markdown(audit.pictures))
    app.add_directive("reference", markdown(reference.reference))
    app.add_directive("execution", markdown(execution.table))
    app.add_directive("measured", markdown(execution.measured))
    app.add_directive("speed-summary", markdown(speed.summary))
    app.add_directive("speed-machine", markdown(speed.machine))
    app.add_directive("speed-memory", markdown(speed.memory))
    app.add_directive("speed-tables", SpeedTables)
    app.add_directive("speed-growth", SpeedGrowth)
    app.add_directive("speed-architectures", html(architectures.architectures))
    app.add_directive("published-sweeps", html(published_sweeps.published_sweeps))
    app.add_directive("wrong-laws", html(published_sweeps.wrong_laws))
    app.add_directive("card-example", CardExample)
    app.add_directive("terms", html(glossary.listed))
    app.add_directive("explorer", Explorer)
    app.add_directive("document", Document)
    app.add_directive("verdict-map", html(verdict_map.verdict_map))
    app.add_directive("finding", Finding)
    app.add_directive("ledger", Ledger)
    app.add_directive("gallery", Gallery)
    app.add_directive("worked", worked.Worked)
    app.add_role("count", Count())
    app.add_role("value", worked.Value())


class Count(SphinxRole):
    """``{count}`fails` ``: how many claims have a verdict (or ``claims``, ``judged``, ``checks``)."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        known = pages.counts(Path(self.env.srcdir))
        if self.text not in known:
            raise ValueError(f"expected one of {', '.join(known)} in a count role, got {self.text!r}")
        return [nodes.Text(str(known[self.text]))], []


class Cited(Page):
    """BibTeX and RIS of the book, or of its ledger."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        work = {"book": cite.book, "ledger": cite.the_ledger}[self.arguments[0]]()
        return [raw(cite.blocks(work, self.root))]


class CardExample(Page):
    """A card about a made-up claim, through the code that makes the real ones."""

    def run(self) -> list[nodes.Node]:
        return [example.as_card(self.parse(example.example(self.root)))]


class Explorer(Page):
    """A picture to drag, drawn by ``explorers.js``; the content says in a sentence what it shows."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        if f"{name}:" not in (self.root / "book/static/explorers.js").read_text("utf8").replace('"', ""):
            raise ValueError(f"expected an explorer of book/static/explorers.js, got {name!r}")
        named = f'id="explorer-{name}" data-explorer="{name}" role="group" aria-label="Explorer: {name}"'
        opening = f'<div class="explorer" {named}>'
        return [raw(opening), *self.parse("\n".join(self.content)), raw("</div>")]


class Document(Page):
    """A document with its claims in their places."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        return self.parse(documents.sections(self.root, self.arguments[0]))


class Finding(start.FindingOptions, Page):
    """What a practitioner can act on, from one chapter."""

    def run(self) -> list[nodes.Node]:
        return start.finding(self)


class SpeedTables(Page):
    """Every workload of the benchmarks, each way with its rate."""

    def run(self) -> list[nodes.Node]:
        return [raw(table) for table in speed.tables(self.root)]


class SpeedGrowth(Page):
    """Cost against size, drawn from the results of the benchmarks."""

    def run(self) -> list[nodes.Node]:
        alt = speed.growth_files(self.root)
        picture = large({"name": "speed-growth", "alt": alt, "dark": False}, "../figures")
        text = "Seconds of one core against size; in brackets the slope of the upper two decades."
        data = '<a href="../figures/speed-growth.csv">Data</a>'
        caption = f'<figcaption><p><span class="caption-text">{text} {data}.</span></p></figcaption>'
        return [raw(f'<figure class="align-default" id="speed-growth">{picture}{caption}</figure>')]
