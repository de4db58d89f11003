"""How often a verdict stood: with fresh seeds, and on other systems and Pythons."""

import json
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from trainphys.book import audit

SYSTEMS = "book/matrix.json"  # claim -> system -> word, from the weekly workflow


def stood(root: Path, claim_id: str, word: str) -> str:
    """What the records say of one verdict; nothing before there are any."""
    seeds = read(root, audit.WRITTEN).get("seeds", {}).get(claim_id, {})
    systems = read(root, SYSTEMS).get(claim_id, {})
    found = [
        f"{name.format(f'{sum(own == word for own in words.values())} of {len(words)}')}"
        for name, words in (("with {} fresh seeds", seeds), ("on {} systems", systems))
        if words
    ]
    return f"The verdict stood {' and '.join(found)}." if found else ""


def systems(root: Path) -> list[str]:
    """The systems that the record names."""
    return sorted({system for own in read(root, SYSTEMS).values() for system in own})


def read(root: Path, name: str) -> dict[str, Any]:
    path = root / name
    return dict(json.loads(path.read_text("utf8"))) if path.is_file() else {}


def write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Each claim's verdict on this system; a claim whose chapter did not run is pending, and so did not stand."""
    here = f"{platform.system()} {platform.machine()}, Python {'.'.join(platform.python_version_tuple()[:2])}"
    path.write_text(json.dumps({row["id"]: {here: row["verdict"]} for row in rows}, indent=1) + "\n", "utf8")
