"""Files that appear whole or not at all."""

import json
import os
from pathlib import Path
from typing import Any


def write(path: Path, text: str) -> None:
    """Write beside, then rename: who reads sees the old file or the new one, also when the disk is full."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, "utf8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def write_json(path: Path, found: Any, *, sort_keys: bool = False) -> None:
    write(path, json.dumps(found, indent=1, ensure_ascii=False, sort_keys=sort_keys) + "\n")
