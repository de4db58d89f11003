"""Which commit something was made from."""

import subprocess
from pathlib import Path


def commit_of(root: Path) -> str:
    """Hash of the clone's commit, with a ``+`` when files differ from it; empty where there is no git."""
    try:
        head = _git(root, "rev-parse", "HEAD")
        return f"{head}+" if _git(root, "status", "--porcelain", "--untracked-files=no") else head
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
