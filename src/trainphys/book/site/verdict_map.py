"""The map of all verdicts: a tile a claim, by document and section, each a link with the verdict as its tooltip."""

import html
from pathlib import Path
from typing import Any

from trainphys.book.chapters import Chapter, find_chapters
from trainphys.book.site import documents
from trainphys.book.site.pages import PART_TITLES, read
from trainphys.book.site.without_tex import without_tex
from trainphys.book.verdicts import PENDING, VERDICTS

LETTERS = {"holds": "H", "holds-if": "if", "fails": "F", "definition": "D", "underspecified": "U", PENDING: "?"}
WORDS = {  # of the key, after a count
    "holds": "hold as they stand",
    "holds-if": "hold under a condition",
    "fails": "fail",
    "definition": "are definitions",
    "underspecified": "lack what a prediction needs",
    PENDING: "are not judged yet",
}


def verdict_map(root: Path) -> str:
    """HTML of the map and its key; pages of the folder ``book`` show it."""
    rows = read(root, "ledger.json")
    chapters = [chapter for chapter in find_chapters(root) if chapter.claim_ids]
    parts = "".join(_part(root, letter, rows, chapters) for letter in PART_TITLES)
    return f'<div class="verdict-map">{parts}</div>{_key(rows)}'


def _part(root: Path, letter: str, rows: list[dict[str, Any]], chapters: list[Chapter]) -> str:
    own = [chapter for chapter in chapters if chapter.claim_ids[0][0] == letter]
    if not own:
        return ""
    lines = "".join(_section(chapter, [row for row in rows if _is_of(row, chapter)]) for chapter in own)
    title = f"<h3>{letter} · {html.escape(PART_TITLES[letter])}</h3>"
    link = f'<a href="document-{letter.lower()}.html"><cite>{html.escape(documents.title(root, letter))}</cite></a>'
    return f"<section>{title}<p>{link}</p>{lines}</section>"


def _is_of(row: dict[str, Any], chapter: Chapter) -> bool:
    """A claim stands in the chapter that judges it; one that is not judged yet, in that of its section."""
    return bool(row["chapter"] == chapter.name if row["chapter"] else row["id"].startswith(f"{chapter.number}."))


def _section(chapter: Chapter, rows: list[dict[str, Any]]) -> str:
    page = f"../{chapter.docname}.html"
    tiles = "".join(_tile(row, page) for row in rows)
    name = f"<b>{chapter.number}</b> {html.escape(chapter.title)}"
    link = f'<a class="map-chapter" href="{page}">{name}</a>'
    return f'<div class="map-row">{link}<span class="map-tiles">{tiles}</span></div>'


def _tile(row: dict[str, Any], page: str) -> str:
    words = without_tex(f"{row['id']} {row['headline'] or row['verdict']}")
    anchor = f"#claim-{row['id']}" if row["chapter"] else ""
    link = f'class="map-tile verdict-{row["verdict"]}" href="{page}{anchor}"'
    tip = f'<span class="map-tip" aria-hidden="true">{html.escape(words)}</span>'
    return f'<a {link} aria-label="{html.escape(words)}">{LETTERS[row["verdict"]]}{tip}</a>'


def _key(rows: list[dict[str, Any]]) -> str:
    entries = [
        f'<li><span class="map-tile verdict-{word}">{LETTERS[word]}</span> {count} {WORDS[word]}</li>'
        for word in (*VERDICTS, PENDING)
        if (count := sum(row["verdict"] == word for row in rows))
    ]
    return f'<ul class="map-key">{"".join(entries)}</ul>'
