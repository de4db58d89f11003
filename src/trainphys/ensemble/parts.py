"""Finished tasks of a sweep that is still running, on disk: an interrupted sweep goes on where it stopped."""

import contextlib
import functools
import hashlib
import inspect
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import joblib

from trainphys import provenance
from trainphys.ensemble import checked_file


class Parts:
    """One file a task, in a folder named after the sweep: its task, configurations, seed, stage and source.

    A task whose source cannot be found (typed at a prompt, say) is not kept.
    """

    def __init__(self, task: Callable[..., Any], configs: Sequence[Any], seed: int, stage: str) -> None:
        function, bound = task, []
        while isinstance(function, functools.partial):
            bound.append((function.args, function.keywords))
            function = function.func
        source = _source(function)
        self.folder: Path | None = None
        if source is not None:
            name = f"{function.__module__}.{function.__qualname__}"
            key = joblib.hash((name, bound, list(configs), seed, stage, source))
            self.folder = checked_file.folder() / f"parts-{name.rpartition('.')[2]}-{key}"

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


def _source(function: Callable[..., Any]) -> str | None:
    """What the results depend on: the modules behind a function of this package, or one's own file and all of this."""
    if "<lambda>" in function.__qualname__:
        return None
    if function.__module__ in provenance.known_modules():
        return provenance.source_digest([function.__module__])
    file = getattr(sys.modules.get(function.__module__), "__file__", None)
    try:
        own = Path(file).read_bytes() if file else inspect.getsource(function).encode()
    except (OSError, TypeError):
        return None
    return hashlib.sha256(own).hexdigest() + provenance.package_digest()
