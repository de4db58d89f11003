"""Results in files that appear whole or not at all, and that are noticed when they are damaged."""

import hashlib
import io
import os
from pathlib import Path
from typing import Any

import joblib
import platformdirs

DIGEST_BYTES = 32  # SHA-256 behind the pickled result, where joblib.load does not look


def folder() -> Path:
    """Where results are kept: the environment's ``TRAINPHYS_KEPT``, else the user's cache folder."""
    found = Path(os.environ.get("TRAINPHYS_KEPT") or platformdirs.user_cache_path("trainphys"))
    found.mkdir(parents=True, exist_ok=True)
    return found


def save(path: Path, result: Any) -> None:
    """Write beside, then rename: who reads sees the old file or the new one."""
    buffer = io.BytesIO()
    joblib.dump(result, buffer)
    new = path.with_name(f"{path.name}.{os.getpid()}")
    with new.open("wb") as file:
        file.write(buffer.getbuffer())
        file.write(hashlib.sha256(buffer.getbuffer()).digest())
    new.replace(path)


def load(path: Path) -> tuple[Any] | None:
    """The result in a tuple (it may be None itself), or None when there is none that can be trusted."""
    try:
        data = memoryview(path.read_bytes())
    except FileNotFoundError:
        return None
    pickled, digest = data[:-DIGEST_BYTES], data[-DIGEST_BYTES:]
    if hashlib.sha256(pickled).digest() != digest:
        return None
    return (joblib.load(io.BytesIO(pickled)),)
