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
    """Where results are kept: the environment's ``TRAINPHYS_KEPT``, else the user's cache folder.

    Raises:
        PermissionError: others can write to it. Reading a result runs what its file says, so they could run anything.
    """
    found = Path(os.environ.get("TRAINPHYS_KEPT") or platformdirs.user_cache_path("trainphys"))
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix" and ((state := found.stat()).st_mode & 0o022 or state.st_uid not in (0, os.geteuid())):
        raise PermissionError(
            f"expected a folder of yours that nobody else can write to, got {found}: what is kept there is run as code "
            "when it is read; take the others' right to write away (chmod go-w) or name another in TRAINPHYS_KEPT"
        )
    return found


def save(path: Path, result: Any) -> None:
    """Write beside, then rename: who reads sees the old file or the new one."""
    buffer = io.BytesIO()
    joblib.dump(result, buffer)
    new = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with new.open("wb") as file:
            file.write(buffer.getbuffer())
            file.write(hashlib.sha256(buffer.getbuffer()).digest())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)  # it is still there when the disk is full


def load(path: Path) -> tuple[Any] | None:
    """The result in a tuple (it may be None itself), or None when there is none that can be trusted."""
    try:
        data = memoryview(path.read_bytes())
    except FileNotFoundError:
        return None
    pickled, digest = data[:-DIGEST_BYTES], data[-DIGEST_BYTES:]
    if hashlib.sha256(pickled).digest() != digest:
        return None
    os.utime(path)  # in use: what is not may be pruned
    return (joblib.load(io.BytesIO(pickled)),)
