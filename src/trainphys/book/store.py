"""Executed chapters on disk: one file a run, found by what the run depends on, trusted only with its checksum."""

import contextlib
import copy
import hashlib
import json
import math
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat

from trainphys import provenance
from trainphys.book import cards, project, whole
from trainphys.book.chapters import Chapter, code_cells
from trainphys.book.mime import CLAIM_MIME
from trainphys.book.texts import glued

FORMAT = 3  # raise it when the meaning of a stored run changes
# a chapter that may show docstrings or comments
SHOWS_SOURCES = re.compile(provenance.READS_DOCSTRINGS.pattern + rb"|getsource|\bhelp\(|\?\?")


def run_key(chapter: Chapter, parameters: Mapping[str, Any], bend: str | None = None) -> str:
    """SHA-256 of all that the outputs depend on: code cells, code of the modules behind them, parameters, lock, Python.

    Prose, the texts of claims and how a card looks are not in it: ``Run.notebook`` puts the present ones beside the
    outputs. A claim's formula is: the chapter computes with it.
    """
    known = project.claims(chapter.root)
    graph_modules = provenance.known_modules()
    parts = {
        "format": FORMAT,
        "python": list(sys.version_info[:2]),
        "code": chapter.code,
        "tags": chapter.tags,
        "modules": provenance.source_digest(
            (name for name in chapter.modules if name in graph_modules),
            whole=SHOWS_SOURCES.search("\n".join(chapter.code).encode()) is not None,
        ),
        "claims": {claim: known[claim].get("formula") for claim in chapter.claim_ids if claim in known},
        "lock": (chapter.root / "requirements.lock").read_text("utf8"),
        "parameters": dict(sorted(parameters.items())),
        **({} if bend is None else {"bend": bend}),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Run:
    """One executed chapter in the store."""

    chapter: Chapter
    parameters: Mapping[str, Any]
    folder: Path
    bend: str | None = None  # which way every law is bent, to see what notices

    @cached_property
    def key(self) -> str:
        """Taken once, before the chapter runs: a source that changes meanwhile must not be taken for what was run."""
        return run_key(self.chapter, self.parameters, self.bend)

    @property
    def path(self) -> Path:
        return self.folder / self.chapter.name / f"{self.key[:16]}.ipynb"

    @property
    def _note_path(self) -> Path:
        return self.path.with_suffix(".json")

    def is_done(self) -> bool:
        """Whether the run is there, whole and undamaged."""
        note = self.note
        return self.path.is_file() and note["key"] == self.key and note["sha256"] == _sha256(self.path)

    def keep(self, executed: Path, seconds: float, peak_MB: float | None = None) -> None:
        """Move an executed notebook into the store; the note comes last, so a killed run is never taken for done."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        executed.replace(self.path)
        note = {"key": self.key, "sha256": _sha256(self.path), "seconds": round(seconds, 2), "peak_MB": peak_MB}
        whole.write_json(self._note_path, note)

    @cached_property
    def notebook(self) -> nbformat.NotebookNode:
        """The present text with the outputs of the run, read and checked once; do not change it."""
        if not self.is_done():
            raise FileNotFoundError(f"expected {self.chapter.name} to have been run, found no whole run: run it first")
        executed = nbformat.read(self.path, as_version=4)
        ran = [cell for cell in code_cells(executed) if "injected-parameters" not in cell.metadata.get("tags", [])]
        merged = copy.deepcopy(self.chapter.notebook)
        values = glued(executed)
        for cell, done in zip(code_cells(merged), ran, strict=True):
            outputs = [_with_present_card(output, values, self.chapter.root) for output in done.outputs]
            cell.update(source=done.source, execution_count=done.execution_count, outputs=outputs)
        merged.metadata["language_info"] = executed.metadata["language_info"]
        return merged

    @cached_property
    def glued(self) -> dict[str, Any]:
        """Numbers and phrases that the run made for sentences, by name."""
        return glued(self.notebook)

    @property
    def note(self) -> dict[str, Any]:
        """Key, checksum and seconds of the run, and the most memory that its kernel took, where that is known."""
        return _read(self._note_path)

    def expected_seconds(self) -> float:
        """The longest that the chapter took, whatever was kept or small then; infinite when it never ran."""
        return max((_read(note)["seconds"] for note in self._note_path.parent.glob("*.json")), default=math.inf)

    @property
    def all_parameters(self) -> dict[str, Any]:
        return {**self.chapter.defaults, **self.parameters}


def _with_present_card(output: nbformat.NotebookNode, values: Mapping[str, Any], root: Path) -> nbformat.NotebookNode:
    """The card for plain viewers, written anew from its record: the texts of the claim may have changed."""
    if CLAIM_MIME in output.get("data", {}):
        output.data["text/markdown"] = cards.card(output.data[CLAIM_MIME], values, root)
    return output


def _read(note: Path) -> dict[str, Any]:
    """What a note says; nothing and zero seconds when it is lost or damaged."""
    found: dict[str, Any] = {"key": "", "sha256": "", "seconds": 0.0, "peak_MB": None}
    with contextlib.suppress(OSError, ValueError, TypeError):
        found |= json.loads(note.read_text("utf8"))
    return found


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
