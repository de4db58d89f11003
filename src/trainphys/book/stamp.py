"""Whether the site on disk is the one that would be built: from the same sources, and every file as it was checked."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from trainphys import provenance
from trainphys.book import ledger, origin, whole
from trainphys.book.publish import SITE
from trainphys.book.store import Run

STAMP = "_build/stamp.json"
BUILDERS = ("trainphys.book.commands", "trainphys.book.site")


def sources(root: Path) -> str:
    """SHA-256 of the sources of every page, and of the code that makes pages from them; and what each foot says."""
    made_from = origin.words(origin.origin(root))
    return _sha256(root, origin.SOURCES) + provenance.source_digest(BUILDERS) + made_from


def matches(root: Path, sources: str, runs: Sequence[Run]) -> bool:
    """Whether these sources and runs were built and checked, and nothing that was written then is changed or lost."""
    try:
        return bool(json.loads((root / STAMP).read_text("utf8")) == _stamp(root, sources, runs))
    except (OSError, ValueError):
        return False


def remove(root: Path) -> None:
    """Before a build puts a new site in place: if it is interrupted meanwhile, the next one starts again."""
    (root / STAMP).unlink(missing_ok=True)


def write(root: Path, sources: str, runs: Sequence[Run]) -> None:
    """After a build has been checked."""
    whole.write_json(root / STAMP, _stamp(root, sources, runs))


def _stamp(root: Path, sources: str, runs: Sequence[Run]) -> dict[str, object]:
    built = _sha256(root, (SITE, ledger.WRITTEN))
    return {"sources": sources, "runs": {run.chapter.name: run.note for run in runs}, "built": built}


def _sha256(root: Path, names: Iterable[str]) -> str:
    """SHA-256 of files and folders: names and contents."""
    digest = hashlib.sha256()
    for top in (root / name for name in names):
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            content = hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b""
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + content)
    return digest.hexdigest()
