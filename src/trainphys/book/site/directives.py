"""Directives that put the ledger, the gallery and the counts where a page wants them."""

import html
from collections.abc import Callable
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective, SphinxRole

from trainphys.book.site import (
    audit,
    documents,
    example,
    execution,
    glossary,
    handbook,
    pages,
    speed,
    start,
    verdict_map,
)
from trainphys.book.site.render import cite_block
from trainphys.book.verdicts import PENDING, VERDICTS


def setup(app: Any) -> None:
    app.add_directive("verdict-counts", _markdown(pages.count_table))
    app.add_directive("findings", _markdown(pages.findings))
    app.add_directive("survives", _markdown(handbook.handbook))
    app.add_directive("book-bibtex", _markdown(pages.book_bibtex))
    app.add_directive("audit-summary", _markdown(audit.summary))
    app.add_directive("audit-sentences", _markdown(audit.sentences))
    app.add_directive("audit-weak", _markdown(audit.weak))
    app.add_directive("audit-pictures", _markdown(audit.pictures))
    app.add_directive("execution", _markdown(execution.table))
    app.add_directive("measured", _markdown(execution.measured))
    app.add_directive("speed-summary", _markdown(speed.summary))
    app.add_directive("speed-machine", _markdown(speed.machine))
    app.add_directive("speed-memory", _markdown(speed.memory))
    app.add_directive("speed-tables", SpeedTables)
    app.add_directive("speed-growth", SpeedGrowth)
    app.add_directive("card-example", CardExample)
    app.add_directive("terms", Terms)
    app.add_directive("explorer", Explorer)
    app.add_directive("document", Document)
    app.add_directive("verdict-map", VerdictMap)
    app.add_directive("finding", Finding)
    app.add_directive("ledger", Ledger)
    app.add_directive("gallery", Gallery)
    app.add_role("count", Count())


class _Page(SphinxDirective):
    @property
    def root(self) -> Path:
        return Path(self.env.srcdir)

    def parse(self, text: str) -> list[nodes.Node]:
        container = nodes.container()
        self.state.nested_parse(StringList(text.splitlines(), self.env.docname), 0, container, match_titles=True)
        return list(container.children)


def _markdown(make: Callable[[Path], str]) -> type[_Page]:
    """A directive that stands for the Markdown that ``make`` writes."""

    class Made(_Page):
        def run(self) -> list[nodes.Node]:
            return self.parse(make(self.root))

    return Made


class Count(SphinxRole):
    """``{count}`fails` ``: how many claims have a verdict (or ``claims``, ``judged``, ``checks``)."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        known = pages.counts(Path(self.env.srcdir))
        if self.text not in known:
            raise ValueError(f"expected one of {', '.join(known)} in a count role, got {self.text!r}")
        return [nodes.Text(str(known[self.text]))], []


class CardExample(_Page):
    """A card about a made-up claim, through the code that makes the real ones."""

    def run(self) -> list[nodes.Node]:
        return [example.as_card(self.parse(example.example(self.root)))]


class VerdictMap(_Page):
    """A tile for every claim."""

    def run(self) -> list[nodes.Node]:
        return [_raw(verdict_map.verdict_map(self.root))]


class Terms(_Page):
    """The words that the chapters use."""

    def run(self) -> list[nodes.Node]:
        return [_raw(glossary.listed(self.root))]


class Explorer(_Page):
    """A picture to drag, drawn by ``explorers.js``; the content says in a sentence what it shows."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        if f"{name}:" not in (self.root / "book/static/explorers.js").read_text("utf8").replace('"', ""):
            raise ValueError(f"expected an explorer of book/static/explorers.js, got {name!r}")
        opening = f'<div class="explorer" data-explorer="{name}" role="group" aria-label="Explorer: {name}">'
        return [_raw(opening), *self.parse("\n".join(self.content)), _raw("</div>")]


class Document(_Page):
    """A document with its claims in their places."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        return self.parse(documents.sections(self.root, self.arguments[0]))


class Finding(start.FindingOptions, _Page):
    """What a practitioner can act on, from one chapter."""

    def run(self) -> list[nodes.Node]:
        return start.finding(self)


class Ledger(_Page):
    """Every claim as a row that opens; the controls appear when JavaScript runs."""

    def run(self) -> list[nodes.Node]:
        rows = pages.read(self.root, "ledger.json")
        found: list[nodes.Node] = [_raw(_controls(rows)), _raw('<div class="ledger" id="ledger-rows">')]
        for row in rows:
            found += [
                _raw(f"{_summary(row)}<template>"),  # filled when it opens: a page of all evidence takes seconds
                *self.parse(pages.claim_body(row, audit.stood(self.root, row["id"], row["verdict"]))),
                _raw(f"</template>{_elsewhere(row)}</div></details>"),
            ]
        return [*found, _raw("</div>")]


def _raw(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


def _summary(row: dict[str, Any]) -> str:
    title = html.escape(row["title"] or row["id"])
    return (
        f'<details class="ledger-row" id="{row["id"]}" data-part="{row["id"][0]}" data-kind="{row["kind"]}" '
        f'data-verdict="{row["verdict"]}"><summary><span class="ledger-id">{row["id"]}</span> '
        f'<span class="verdict verdict-{row["verdict"]}">{row["verdict"]}</span> '
        f'<span class="ledger-title">{title}</span> <span class="ledger-kind">{row["kind"]}</span></summary>'
        '<div class="ledger-body">'
    )


def _elsewhere(row: dict[str, Any]) -> str:
    if not row["chapter"]:
        return ""
    link = f"../notebooks/{row['chapter']}.html#claim-{row['id']}"
    return f'<noscript><p>The evidence is <a href="{link}">in the chapter</a>.</p></noscript>'


def _controls(rows: list[dict[str, Any]]) -> str:
    kinds = sorted({row["kind"] for row in rows})
    parts = [(letter, f"{letter} · {title}") for letter, title in pages.PART_TITLES.items()]
    return (
        '<form class="ledger-controls" hidden role="search" aria-label="Filter the ledger">'
        + _select("part", parts)
        + _select("kind", [(kind, kind) for kind in kinds])
        + _select("verdict", [(word, word) for word in (*VERDICTS, PENDING)])
        + '<label>search <input type="search" name="text" placeholder="id or words"></label>'
        + '<output aria-live="polite"></output></form>'
    )


def _select(name: str, options: list[tuple[str, str]]) -> str:
    choices = "".join(f'<option value="{value}">{html.escape(label)}</option>' for value, label in options)
    return f'<label>{name} <select name="{name}"><option value="">all</option>{choices}</select></label>'


class Gallery(_Page):
    """Every figure of the book as a grid, from ``figures.json``; a part is chosen without JavaScript."""

    def run(self) -> list[nodes.Node]:
        choices = {"all": "all parts", **{letter: f"{letter} · {title}" for letter, title in pages.PART_TITLES.items()}}
        buttons = "".join(
            f'<label><input type="radio" name="gallery" value="{value}"{" checked" if value == "all" else ""}> '
            f"{html.escape(words)}</label>"
            for value, words in choices.items()
        )
        found: list[nodes.Node] = [_raw(f'<fieldset class="gallery-parts"><legend>Show</legend>{buttons}</fieldset>')]
        found.append(_raw('<div class="gallery">'))
        for record in pages.read(self.root, "figures.json"):
            name, alt = record["name"], html.escape(record["alt"])
            part = LETTERS[record["chapter"].split("/")[0]]
            link = f"../notebooks/{record['chapter']}.html#{name}"
            picture = f'<a href="{link}"><img loading="lazy" src="../figures/{name}.svg" alt="{alt}"></a>'
            found += [_raw(f'<figure class="gallery-figure" data-part="{part}">{picture}<figcaption>')]
            found += self.parse(f"{{numref}}`{name}` {record['caption']}")
            found += [_raw(f"{cite_block(record, '../figures')}</figcaption></figure>")]
        return [*found, _raw("</div>")]


class SpeedTables(_Page):
    """Every workload of the benchmarks, each way with its rate."""

    def run(self) -> list[nodes.Node]:
        return [_raw(table) for table in speed.tables(self.root)]


class SpeedGrowth(_Page):
    """Cost against size, drawn from the results of the benchmarks."""

    def run(self) -> list[nodes.Node]:
        words = html.escape(speed.growth_files(self.root))
        picture = f'<img src="../figures/speed-growth.svg" alt="{words}">'
        text = "Seconds of one core against size; in brackets the slope of the upper two decades."
        data = '<a href="../figures/speed-growth.csv">Data</a>'
        caption = f'<figcaption><p><span class="caption-text">{text} {data}.</span></p></figcaption>'
        return [_raw(f'<figure class="align-default" id="speed-growth">{picture}{caption}</figure>')]
