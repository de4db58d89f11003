"""A book of one chapter whose run is written by hand: no kernel and no build, so that a test takes no time."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import nbformat
import yaml

from trainphys.book import project
from trainphys.book.chapters import Chapter, code_cells
from trainphys.book.evidence import compare
from trainphys.book.mime import CLAIM_MIME, FIGURE_MIME
from trainphys.book.numbers import SHOWN_MIME
from trainphys.book.store import Run
from trainphys.book.texts import GLUED
from trainphys.estimate import Estimate

NAME = "power/1-toy"
PAGE = """\
---
kernelspec: {name: python3, display_name: Python 3, language: python}
trainphys:
  timeout: 60
  finding: "It falls to [[low:.1f]]."
  quick: {draws: 5}
---
# Toy

```{code-cell} ipython3
:tags: [parameters]
seed = 0
draws = 40
```

Prose.

```{code-cell} ipython3
:tags: [hide-input]
claim = Claim("A1.1a")
claim.verdict()
```
"""


def entry(claim_id: str, **more: Any) -> dict[str, Any]:
    plain = {"id": claim_id, "title": f"Title of {claim_id}", "kind": "law", "statement": "It  falls.", "latex": "x=1"}
    return {**plain, "expected": "pending", **more}


JUDGED = entry("A1.1a", expected="holds", reason="It [[low:.0f]] does.", corrected="$x$", use="f(1)")


def project_file(root: Path, **more: Any) -> None:
    """Title, authors and addresses; no address by default."""
    known = {"title": "Toys", "authors": "A. Author", "version": "1.0", "year": 2026, "licence": "CC-BY-4.0"}
    addresses = {"repository_url": "", "site_url": "", "doi": ""}
    (root / "book").mkdir(exist_ok=True)
    (root / "book/project.yml").write_text(yaml.safe_dump({**known, **addresses, **more}), "utf8")


def write_book(root: Path, *claims: dict[str, Any], page: str = PAGE) -> Chapter:
    """Its sources, with the claims given (by default one that holds and one that is pending)."""
    claims = claims or (JUDGED, entry("B2.1a"))
    for folder in ("book/claims", "notebooks/power"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for letter in "ABC":
        own = [claim for claim in claims if claim["id"][0] == letter]
        (root / f"book/claims/{letter}.yml").write_text(yaml.safe_dump(own, sort_keys=False), "utf8")
    toc = {"root": "start", "parts": [{"caption": "A", "chapters": [{"file": f"notebooks/{NAME}"}]}]}
    (root / "_toc.yml").write_text(yaml.safe_dump(toc), "utf8")
    (root / "requirements.lock").write_text("numpy==2\n", "utf8")
    project_file(root)
    titles = {letter: {"title": f"Document {letter}", "sections": {}} for letter in "ABC"}
    (root / "book/documents.yml").write_text(yaml.safe_dump(titles), "utf8")
    (root / f"notebooks/{NAME}.md").write_text(page, "utf8")
    project.claims.cache_clear()
    return Chapter(root, NAME)


def row(measured: float = 1.0, stated: float | None = 1.0, **more: Any) -> dict[str, Any]:
    at = more.pop("at", {"gap": 0.01})
    stderr = more.pop("stderr", 0.001)
    quantity = more.pop("quantity", "loss")
    return compare(quantity, at, Estimate(measured, stderr, 100), stated=stated, **more).as_json()


def record(*evidence: dict[str, Any], claim_id: str = "A1.1a", declared: str = "", note: str = "") -> dict[str, Any]:
    return {"id": claim_id, "declared": declared, "note": note, "evidence": list(evidence)}


GOOD = (row(corrected=1.0), row(2.0, 2.0, corrected=2.0, at={"gap": 0.02}))


def figure(name: str = "power-1-toy", claims: tuple[str, ...] = ("A1.1a",), runs: str = "") -> dict[str, Any]:
    own = {"name": name, "caption": "Toy.", "alt": "It falls & falls.", "claims": list(claims), "csv": "x\n1\n"}
    return {
        FIGURE_MIME: {**own, "runs": runs, "svg": "<svg><image/></svg>", "pdf": "cGRm"},
        "image/png": "cG5n",
        "text/plain": "",
    }


def shown(phrase: str, check: str) -> dict[str, Any]:
    return {SHOWN_MIME: {"phrase": phrase, "check": check}, "text/plain": ""}


def judged(*records: dict[str, Any]) -> list[dict[str, Any]]:
    return [{CLAIM_MIME: own, "text/markdown": "an old card"} for own in records]


def keep(run: Run, *bundles: dict[str, Any], seconds: float = 1.5, **glued: Any) -> Run:
    """Put into the store what the chapter would have given: the outputs stand under its last cell."""
    executed = copy.deepcopy(run.chapter.notebook)
    given = nbformat.v4.new_code_cell("seed = 0", metadata={"tags": ["injected-parameters"]})
    for number, cell in enumerate(code_cells(executed), start=1):
        cell.execution_count = number
    outputs = [nbformat.v4.new_output("display_data", own) for own in bundles]
    for name, value in glued.items():
        pasted = {"scrapbook": {"name": name}}
        outputs.append(nbformat.v4.new_output("display_data", {GLUED: repr(value)}, metadata=pasted))
    code_cells(executed)[-1].outputs = outputs
    executed.cells.insert(1, given)
    executed.metadata["language_info"] = {"name": "python"}
    draft = run.folder / "draft.ipynb"
    draft.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(executed, draft)
    run.keep(draft, seconds)
    return run


def a_run(root: Path, *bundles: dict[str, Any], page: str = PAGE, low: float = 1.25) -> Run:
    """The run of a book that is written first; by default its claim holds and has a figure."""
    chapter = write_book(root, page=page)
    bundles = bundles or (*judged(record(*GOOD)), figure(), shown("always", "each one"))
    return keep(Run(chapter, {}, root / "_build/runs"), *bundles, low=low)
