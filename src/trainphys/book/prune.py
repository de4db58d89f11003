"""What may go from ``_build``: runs, kept results and drafts that are not of the present book and are not in use."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from trainphys.book.store import Run

STORES = ("_build/runs", "_build/kept", "_build/printed", "_build/audit")


def prune(runs: Sequence[Run], root: Path, before: float) -> list[Path]:
    """Remove what was last used before a time, in seconds since 1970, but for the runs given; returns what went."""
    live = {path for run in runs for path in (run.path, run.path.with_suffix(".json"))}
    gone = [path for path in _files(root) if path not in live and path.stat().st_mtime < before]
    for path in gone:
        path.unlink()
    for store in STORES:  # what is below a folder comes after it
        for folder in sorted((root / store).rglob("*"), reverse=True):
            if folder.is_dir() and not any(folder.iterdir()) and folder.stat().st_mtime < before:
                folder.rmdir()
    return gone


def _files(root: Path) -> Iterator[Path]:
    for store in STORES:
        yield from (path for path in (root / store).rglob("*") if path.is_file())
