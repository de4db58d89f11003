"""The page of all claims: rows that open, and a form that filters them."""

import html
from pathlib import Path
from typing import Any

from docutils import nodes

from trainphys.book import cite, project, stood
from trainphys.book.site import pages
from trainphys.book.site.page import Page, raw
from trainphys.book.verdicts import PENDING, VERDICTS


class Ledger(Page):
    """Every claim as a row that opens; the controls appear when JavaScript runs."""

    def run(self) -> list[nodes.Node]:
        rows, claims = pages.read(self.root, "ledger.json"), project.claims(self.root)
        found: list[nodes.Node] = [raw(_controls(rows)), raw('<div class="ledger" id="ledger-rows">')]
        for row in rows:
            found += [
                raw(f"{_summary(row)}<template>"),  # filled when it opens: a page of all evidence takes seconds
                *self.parse(
                    pages.claim_body(row, claims[row["id"]], stood.stood(self.root, row["id"], row["verdict"]))
                ),
                raw(f"</template>{_elsewhere(row)}{_cite(row, self.root)}</div></details>"),
            ]
        return [*found, raw("</div>")]


def _summary(row: dict[str, Any]) -> str:
    title = html.escape(row["title"] or row["id"])
    return (
        f'<details class="ledger-row" id="{row["id"]}" data-part="{row["id"][0]}" data-kind="{row["kind"]}" '
        f'data-verdict="{row["verdict"]}"><summary><span class="ledger-id">{row["id"]}</span> '
        f'<span class="verdict verdict-{row["verdict"]}">{row["verdict"]}</span> '
        f'<span class="ledger-title">{title}</span> <span class="ledger-kind">{row["kind"]}</span></summary>'
        '<div class="ledger-body">'
    )


def _cite(row: dict[str, Any], root: Path) -> str:
    """Outside the template, where the script that adds buttons for copying finds it."""
    return cite.fold("Cite this claim", cite.claim(row), root) if row["chapter"] else ""


def _elsewhere(row: dict[str, Any]) -> str:
    if not row["chapter"]:
        return ""
    link = f"../notebooks/{row['chapter']}.html#claim-{row['id']}"
    return f'<p class="ledger-elsewhere">The evidence is <a href="{link}">in the chapter</a>.</p>'


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
