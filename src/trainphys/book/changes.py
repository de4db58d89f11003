"""What differs between two ledgers: verdicts, conditions, comparisons and measured numbers, as Markdown."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from trainphys.book import project
from trainphys.book.publish import PUBLISHED
from trainphys.book.texts import number

RELEASES = "book/releases"
TEXTS = ("verdict", "condition", "statement", "corrected")
LISTED = 3  # comparisons of one claim; the rest is counted
Rows = dict[str, dict[str, Any]]


def claims(path: Path) -> Rows:
    """The rows of a ledger by claim, whether it is the published data set or the bare list."""
    try:
        found = json.loads(path.read_text("utf8"))
        return {row["id"]: row for row in (found["claims"] if isinstance(found, dict) else found)}
    except (ValueError, KeyError, TypeError) as error:
        raise project.SourceError(f"expected a ledger, such as _build/html/ledger.json, got {path}: {error}") from error


def differences(old: Rows, new: Rows) -> str:
    """Markdown: what a reader of the old ledger must know of the new one."""
    gone, come = [name for name in old if name not in new], [name for name in new if name not in old]
    lines = [f"- {word}: {', '.join(names)}" for word, names in (("New claims", come), ("Gone", gone)) if names]
    rows = [line for name in new if name in old for line in _claim(name, old[name], new[name])]
    if rows:
        lines += ["", "| claim | what | before | now |", "|:--|:--|:--|:--|", *rows]
    return "\n".join(lines).strip() or "No verdict and no number differs."


def _claim(name: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    for key in TEXTS:
        if old[key] != new[key]:
            yield _row(name, key, _short(old[key]), _short(new[key]))
    before, now = _comparisons(old), _comparisons(new)
    lost, more = len(before.keys() - now.keys()), len(now.keys() - before.keys())
    if lost or more:
        yield _row(name, "comparisons", f"{len(before)} ({lost} of them gone)", f"{len(now)} ({more} of them new)")
    moved = [(key, before[key], now[key]) for key in now if key in before and _differs(before[key], now[key])]
    moved.sort(key=lambda entry: -_shift(entry[1], entry[2]))
    for (_, quantity, at), own, other in moved[:LISTED]:
        yield _row(name, f"{quantity} ({at})", _measured(own), _measured(other))
    if len(moved) > LISTED:
        yield _row(name, f"{len(moved) - LISTED} more measured numbers", "", "differ by less")


def _comparisons(row: dict[str, Any]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Comparisons by reading, quantity and conditions; of those that agree in all three, the last."""
    places = (
        (own["reading"], own["quantity"], ", ".join(f"{key} {number(value)}" for key, value in own["at"].items()))
        for own in row["evidence"]
    )
    return dict(zip(places, row["evidence"], strict=True))


def _differs(old: dict[str, Any], new: dict[str, Any]) -> bool:
    return _measured(old) != _measured(new) or old["agrees_stated"] != new["agrees_stated"]


def _shift(old: dict[str, Any], new: dict[str, Any]) -> float:
    """How far a measurement moved, in its standard errors."""
    error = math.hypot(old["stderr"], new["stderr"])
    distance = abs(float(new["measured"]) - float(old["measured"]))
    return distance / error if error else math.inf * distance if distance else 0.0


def _measured(row: dict[str, Any]) -> str:
    agrees = {True: ", as stated", False: ", not as stated", None: ""}[row["agrees_stated"]]
    return f"{number(row['measured'])} ± {number(row['stderr'], 2)}{agrees}"


def _short(text: str) -> str:
    return text or "none"


def _row(name: str, what: str, before: str, now: str) -> str:
    cells = (name, what, before, now)
    return f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in cells)} |"


def last_release(root: Path) -> Path | None:
    """The ledger that was kept at the last release: ``book/releases/0.1.0.json``."""
    kept = list((root / RELEASES).glob("*.json"))
    return max(kept, key=lambda path: [int(part) for part in path.stem.split(".")], default=None)


def page(root: Path) -> str:
    """Markdown of the page: this book against its last release."""
    known = project.settings(root)
    release = last_release(root)
    if release is None:
        return f"Version {known.version} is the first: there is no earlier ledger to compare with."
    found = differences(claims(release), claims(root / PUBLISHED / "ledger.json"))
    return f"Since version {release.stem}:\n\n{found}"


@click.command("changes")
@click.argument("old", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("new", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(old: Path, new: Path) -> None:
    """Print as Markdown what differs between two ledgers, OLD and NEW."""
    click.echo(differences(claims(old), claims(new)))
