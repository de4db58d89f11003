"""Finished tasks of a sweep that is still running, on disk: an interrupted sweep goes on where it stopped."""

import contextlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import joblib

from trainphys import provenance
from trainphys.ensemble import checked_file
from trainphys.ensemble.named import modules_in


class Parts:
    """One file a task, in a folder named after the sweep: its task, configurations, seed, stage and all code behind.

    Where some of that code is not of this package, or was edited since the process began, no key could stand for it,
    and nothing is kept.
    """

    def __init__(self, task: Callable[..., Any], configs: Sequence[Any], seed: int, stage: str) -> None:
        self.folder: Path | None = None
        modules = modules_in(task, list(configs))
        if modules is not None and not provenance.edited(modules):
            key = joblib.hash((task, list(configs), seed, stage, provenance.source_digest(modules)))
            self.folder = checked_file.folder() / f"parts-{key}"

    def found(self, count: int) -> dict[int, Any]:
        """Results of an earlier, interrupted sweep, by index; damaged ones are left out."""
        if self.folder is None or not self.folder.is_dir():
            return {}
        loaded = {i: checked_file.load(self._path(i)) for i in range(count)}
        return {i: part[0] for i, part in loaded.items() if part is not None}

    def keep(self, index: int, result: Any) -> None:
        if self.folder is not None:
            self.folder.mkdir(exist_ok=True)
            with contextlib.suppress(FileNotFoundError):  # another process has just finished this very sweep
                checked_file.save(self._path(index), result)

    def remove(self) -> None:
        """The sweep is whole: its caller has the results."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, index: int) -> Path:
        assert self.folder is not None
        return self.folder / f"{index}.pkl"
