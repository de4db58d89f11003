"""Runs that are computed once and kept on disk."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import joblib
import platformdirs
from filelock import FileLock

from trainphys.provenance import source_digest

Result = TypeVar("Result")


def kept(function: Callable[..., Result], /, **parameters: Any) -> Result:
    """``function(**parameters)``, computed once and read from disk after that.

    The key is the function's name, its parameters (seed included) and the source of every module behind it, so a
    changed formula is never answered by an old file. A damaged file is noticed by its checksum and computed again. Who
    asks while another process computes waits for its result; a process that dies lets go of the lock. The folder is
    the environment's ``TRAINPHYS_KEPT``, else the user's cache folder.

    Args:
        function: importable function of this package whose result depends on its keyword arguments alone.

    Raises:
        ValueError: the function is not importable from this package.
    """
    if "<" in function.__qualname__ or not function.__module__.startswith("trainphys."):
        raise ValueError(f"expected a function at the top of a trainphys module, got {function.__qualname__}: move it")
    name = f"{function.__module__}.{function.__qualname__}"
    key = joblib.hash((name, sorted(parameters.items()), source_digest([function.__module__])))
    path = _folder() / f"{name}-{key}.pkl"
    with FileLock(path.with_suffix(".lock")):
        payload = _read(path)
        if payload is not None:
            return payload[0]  # type: ignore[no-any-return]
        result = function(**parameters)
        _write(path, result)
    return result


def _folder() -> Path:
    folder = Path(os.environ.get("TRAINPHYS_KEPT") or platformdirs.user_cache_path("trainphys"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _read(path: Path) -> tuple[Any] | None:
    """The kept result in a tuple (it may be None itself), or None when there is none that can be trusted."""
    checksum = path.with_suffix(".sha256")
    if not (path.is_file() and checksum.is_file()):
        return None
    if hashlib.sha256(path.read_bytes()).hexdigest() != checksum.read_text().strip():
        return None
    return (joblib.load(path),)


def _write(path: Path, result: Any) -> None:
    """Both files appear whole or not at all: written beside, then renamed; the checksum comes last."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        new = Path(folder, "new")
        joblib.dump(result, new)
        checksum = Path(folder, "checksum")
        checksum.write_text(hashlib.sha256(new.read_bytes()).hexdigest())
        new.replace(path)
        checksum.replace(path.with_suffix(".sha256"))
