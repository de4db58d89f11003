"""What the book was made from: the commit of its sources, the lock, the versions of the packages that count."""

import functools
import hashlib
import platform
from importlib import metadata
from pathlib import Path

from trainphys.book.origin import lock_digest, origin

PACKAGES = ("numpy", "scipy", "numba", "scikit-learn", "torch")
CHANGED = " with changes"


@functools.cache
def commit(root: Path) -> str:
    """The last commit that changed a source of the book, and whether there are changes since; empty without git."""
    found = origin(root)
    return found.commit + CHANGED if found.changed else found.commit


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@functools.cache
def environment(root: Path) -> dict[str, str]:
    """Python, system, lock, and the packages that numbers may depend on."""
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    machine = f"{platform.system()} {platform.machine()}"
    return {"python": platform.python_version(), "system": machine, "lock_sha256": lock_digest(root), **versions}
