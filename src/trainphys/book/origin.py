"""What the site was made from: commit, lock and Python."""

import hashlib
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MEASURED = tuple(f"benchmarks/{name}.json" for name in ("results", "architectures", "operating_point", "wrong_laws"))
SOURCES = ("_config.yml", "_toc.yml", "requirements.lock", *MEASURED, "book", "notebooks")


@dataclass(frozen=True, slots=True)
class Origin:
    """The commit is empty outside a clone; ``changed`` says that sources differ from it."""

    commit: str
    date: str
    changed: bool
    lock: str
    python: str


def origin(root: Path) -> Origin:
    """The commit that last changed a source of the site, so that other commits leave a built site as it is."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    in_clone = (root / ".git").exists()  # a folder within another project's clone has no commit of its own
    last = _git(root, ["log", "-1", "--format=%H %cs", "--", *SOURCES, "src"]) if in_clone else ""
    commit, _, date = last.partition(" ")
    changed = bool(commit and _git(root, ["status", "--porcelain", "--", *SOURCES, "src"]))
    return Origin(commit, date, changed, lock_digest(root), python)


def lock_digest(root: Path) -> str:
    return hashlib.sha256((root / "requirements.lock").read_bytes()).hexdigest()


def _git(root: Path, arguments: Sequence[str]) -> str:
    """What git says; nothing where there is no git, no commit, or no permission."""
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def words(found: Origin, repository_url: str = "") -> str:
    """One sentence of HTML for the foot of each page."""
    short = f"<code>{found.commit[:10]}</code>"
    if repository_url and found.commit:
        short = f'<a href="{repository_url.rstrip("/")}/commit/{found.commit}">{short}</a>'
    if not found.commit:
        source = "sources outside a clone, so without a commit"
    else:
        source = f"commit {short} of {found.date}{', with changes that are not committed' if found.changed else ''}"
    return f"Made from {source}; lock <code>{found.lock[:10]}</code>; Python {found.python}."
