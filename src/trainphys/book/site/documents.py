"""The three documents, section by section: formulas and figures as printed, and each claim in its place."""

from pathlib import Path
from typing import Any

from trainphys.book import project
from trainphys.book.chapters import Chapter
from trainphys.book.site.pages import read


def title(root: Path, letter: str) -> str:
    return str(project.documents(root)[letter]["title"])


def sections(root: Path, letter: str) -> str:
    """Markdown of one document."""
    rows = [row for row in read(root, "ledger.json") if row["id"].startswith(letter)]
    lines: list[str] = []
    for number, section in project.documents(root)[letter]["sections"].items():
        whole = "." not in number or number == "0.1"
        lines += [f"{'##' if whole else '###'} {_numbered(number)}{section['title']}", ""]
        for printed in section["printed"]:
            lines += ["```text", printed, "```", ""]
        lines += _claims(
            [row for row in rows if _belongs(row, letter, number, project.documents(root)[letter]["sections"])]
        )
    return "\n".join(lines)


def _numbered(number: str) -> str:
    return "" if number in ("0.1", "A") else f"{number} "


def _belongs(row: dict[str, Any], letter: str, number: str, sections: dict[str, Any]) -> bool:
    """A section without parts holds the claims that are counted as its part one."""
    place = row["id"][1:-1]
    whole = place.split(".")[0]
    return bool(place == number or (number == whole and place not in sections))


def _claims(rows: list[dict[str, Any]]) -> list[str]:
    lines = []
    for row in rows:
        link = f"../{Chapter(Path(), row['chapter']).docname}.html#claim-{row['id']}" if row["chapter"] else "#"
        word = f'<span class="verdict verdict-{row["verdict"]}">{row["verdict"]}</span>'
        lines += [f'- <a href="{link}"><b>{row["id"]}</b></a> {word} {row["statement"]}', ""]
    return lines
