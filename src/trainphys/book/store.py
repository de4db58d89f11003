"""Executed chapters on disk: one file a run, found by what the run depends on, trusted only with its checksum."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat

from trainphys import provenance
from trainphys.book import project
from trainphys.book.chapters import Chapter

FORMAT = 1  # raise it when the meaning of a stored run changes


def run_key(chapter: Chapter, parameters: Mapping[str, Any]) -> str:
    """SHA-256 of all that an executed chapter depends on: text, modules behind it, claims, lock, parameters, Python."""
    known = project.claims(chapter.root)
    graph_modules = provenance.known_modules()
    parts = {
        "format": FORMAT,
        "python": list(sys.version_info[:2]),
        "text": chapter.text,
        "modules": provenance.source_digest(name for name in chapter.modules if name in graph_modules),
        "claims": {claim_id: known.get(claim_id) for claim_id in chapter.claim_ids},
        "lock": (chapter.root / "requirements.lock").read_text("utf8"),
        "parameters": dict(sorted(parameters.items())),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True)
class Run:
    """One executed chapter in the store."""

    chapter: Chapter
    parameters: Mapping[str, Any]
    folder: Path

    @cached_property
    def key(self) -> str:
        """Taken once, before the chapter runs: a source that changes meanwhile must not be taken for what was run."""
        return run_key(self.chapter, self.parameters)

    @property
    def path(self) -> Path:
        return self.folder / self.chapter.name / f"{self.key[:16]}.ipynb"

    @property
    def _note(self) -> Path:
        return self.path.with_suffix(".json")

    def is_done(self) -> bool:
        """Whether the run is there, whole and undamaged."""
        try:
            note = json.loads(self._note.read_text("utf8"))
            return bool(note["key"] == self.key and note["sha256"] == _sha256(self.path))
        except (OSError, ValueError, KeyError):
            return False

    def keep(self, executed: Path, seconds: float) -> None:
        """Move an executed notebook into the store; the note comes last, so a killed run is never taken for done."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        executed.replace(self.path)
        note = {"key": self.key, "sha256": _sha256(self.path), "seconds": round(seconds, 2)}
        draft = self._note.with_suffix(".draft")
        draft.write_text(json.dumps(note, indent=1) + "\n", "utf8")
        draft.replace(self._note)

    @cached_property
    def notebook(self) -> nbformat.NotebookNode:
        """The executed chapter, read and checked once; do not change it."""
        if not self.is_done():
            raise FileNotFoundError(f"expected {self.chapter.name} to have been run, found no whole run: run it first")
        return nbformat.read(self.path, as_version=4)

    def seconds(self) -> float:
        return float(json.loads(self._note.read_text("utf8"))["seconds"])

    @property
    def all_parameters(self) -> dict[str, Any]:
        return {**self.chapter.defaults, **self.parameters}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
