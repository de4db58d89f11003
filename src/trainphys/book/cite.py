"""Citations of the book, a chapter, a figure, a claim, the ledger: BibTeX and RIS, from the one file of settings."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainphys.book import made, project
from trainphys.book.chapters import Chapter

BIBTEX = {"book": "book", "chapter": "incollection", "figure": "misc", "claim": "misc", "ledger": "misc"}
RIS = {"book": "BOOK", "chapter": "CHAP", "figure": "FIGURE", "claim": "GEN", "ledger": "DATA"}
SPECIAL = re.compile(r"(?<!\\)([%&#_])")
FORMULA = re.compile(r"(\$[^$]*\$)")
ROLE = re.compile(r"(?: of)? \{\w+\}`[^`]*`")
LICENCES = {"CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/"}


@dataclass(frozen=True, slots=True)
class Work:
    """Something that can be cited.

    Args:
        kind: ``book``, ``chapter``, ``figure``, ``claim`` or ``ledger``.
        name: what the entry is called after ``trainphys-``.
        title: its own title; the book's for the book.
        number: as in *Figure A7.3*, without the word.
        page: its page below the site's address, with an anchor.
        seed: of the run that it comes from.
    """

    kind: str
    name: str = ""
    title: str = ""
    number: str = ""
    page: str = ""
    seed: int | None = None


def book() -> Work:
    return Work("book")


def the_ledger() -> Work:
    return Work("ledger", "ledger", "The ledger: all claims with verdicts and evidence", page="ledger.json")


def chapter(own: Chapter) -> Work:
    seed = own.defaults.get("seed")
    return Work("chapter", own.number, own.title, own.number, f"{own.docname}.html", seed)


def figure(record: Mapping[str, Any]) -> Work:
    """Of a figure as ``figures.json`` has it; its title is the first sentence of its caption, the finding."""
    name = record["name"]
    page = f"notebooks/{record['chapter']}.html#{name}"
    return Work("figure", name, first_sentence(record["caption"]), record["number"], page, record["seed"])


def claim(row: Mapping[str, Any]) -> Work:
    """Of a row of the ledger; the verdict is part of what is cited."""
    page = f"book/ledger.html#{row['id']}"
    return Work("claim", row["id"], f"{row['title']} ({row['verdict']})", row["id"], page, row["seed"])


def first_sentence(text: str) -> str:
    """The first sentence of a caption, without references to other places.

    >>> first_sentence("It falls by 1.5, by the law of {eq}`one`. Drawn is more.")
    'It falls by 1.5, by the law'
    """
    return ROLE.sub("", re.split(r"(?<=[.!?])\s+(?=[A-Z(])", text)[0]).rstrip(".")


def address(work: Work, root: Path) -> str:
    """Where it stands for good; empty while the site has no address."""
    site = project.settings(root).base
    return site + work.page if site else ""


def note(work: Work, root: Path) -> str:
    """Number, version, commit, seed and licence in words, which every style of bibliography prints."""
    known = project.settings(root)
    number = f"{work.kind.capitalize()} {work.number}" if work.number and work.kind != "chapter" else ""
    parts = {
        "": number,
        "version ": known.version,
        "commit ": made.commit(root),
        "seed ": "" if work.seed is None else str(work.seed),
        "licence ": known.licence,
    }
    return ", ".join(f"{word}{value}" for word, value in parts.items() if value)


def bibtex(work: Work, root: Path) -> str:
    """BibTeX entry; empty settings make no field.

    Commands that a plain style would not print (version, commit, seed) stand in ``note``.
    """
    known = project.settings(root)
    fields = {
        "author": f"{{{_tex(known.authors)}}}",
        "title": _tex(work.title or known.title),
        "booktitle": _tex(known.title) if work.kind == "chapter" else "",
        "chapter": work.number if work.kind == "chapter" else "",
        "howpublished": f"In: {_tex(known.title)}" if BIBTEX[work.kind] == "misc" else "",
        "year": str(known.year),
        "version": known.version,
        "note": _tex(note(work, root)),
        "doi": known.doi,
        "url": address(work, root),
    }
    name = "-".join(filter(None, ("trainphys", work.name)))
    lines = [f"  {key} = {{{value}}}," for key, value in fields.items() if value]
    return "\n".join([f"@{BIBTEX[work.kind]}{{{name},", *lines, "}"])


def ris(work: Work, root: Path) -> str:
    """The same for reference managers."""
    known = project.settings(root)
    fields = {
        "TY": RIS[work.kind],
        "AU": known.authors,
        "TI": (work.title or known.title).replace("$", ""),
        "T2": known.title if work.title else "",
        "SE": work.number if work.kind == "chapter" else "",
        "PY": str(known.year),
        "ET": known.version,
        "N1": note(work, root),
        "DO": known.doi,
        "UR": address(work, root),
    }
    return "\n".join([*(f"{key}  - {value}" for key, value in fields.items() if value), "ER  - "])


def blocks(work: Work, root: Path) -> str:
    """HTML of both, each with a button that copies it."""
    made_of = {"BibTeX": bibtex(work, root), "RIS": ris(work, root)}
    return "".join(
        f'<p class="cite-form">{name}</p><div class="highlight"><pre>{html.escape(text)}</pre></div>'
        for name, text in made_of.items()
    )


def fold(words: str, work: Work, root: Path, before: str = "", anchor: str = "") -> str:
    """HTML of a fold with what is to be said before, and both."""
    own = f' id="{anchor}"' if anchor else ""
    return f'<details class="cite-figure"{own}><summary>{words}</summary>{before}{blocks(work, root)}</details>'


def _tex(text: str) -> str:
    r"""Characters that TeX would take for commands, outside formulas.

    >>> print(_tex("41% of $x_1$"))
    41\% of $x_1$
    """
    return "".join(part if part.startswith("$") else SPECIAL.sub(r"\\\1", part) for part in FORMULA.split(text))
