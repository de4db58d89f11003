"""From executed chapters to the rendered site: published files, Jupyter Book's cache, and the strict build."""

import base64
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.read import read_myst_markdown_notebook
from nbformat import NotebookNode

from trainphys.book import cards, cite, dataset, ledger, made, origin, project, receipts, stood, strips, verdicts, whole
from trainphys.book.chapters import code_cells
from trainphys.book.dark import dark
from trainphys.book.mime import CLAIM_MIME, FIGURE_MIME
from trainphys.book.numbers import SHOWN_MIME
from trainphys.book.readable import References, readable
from trainphys.book.store import Run
from trainphys.book.texts import filled, rounded

NEXT = "_build/next"  # the next site: nothing of it is anybody's before it has been checked
PUBLISHED = f"{NEXT}/published"  # copied into the site as it is
RENDERED = f"{NEXT}/_build/html"
SITE = "_build/html"
VIEW = re.compile(r'<svg [^>]*viewBox="0 0 ([\d.]+) ([\d.]+)"')


def publish(runs: Sequence[Run], root: Path) -> None:
    """Write the ledger with its schema and exports, ``figures.json``, ``execution.json``, figures and notebooks."""
    shutil.rmtree(root / NEXT, ignore_errors=True)
    folder = root / PUBLISHED
    rows = ledger.rows(runs, root)
    folder.mkdir(parents=True)
    ledger.write(rows, root / NEXT / "ledger.json")  # for our own readers; what is published says more around it
    whole.write_json(folder / "ledger.json", dataset.ledger(rows, runs, root))
    whole.write_json(folder / dataset.SCHEMA, dataset.schema())
    whole.write_json(folder / "claimreview.jsonld", dataset.claim_reviews(rows, root))
    whole.write_json(folder / "forrt.json", dataset.forrt(rows, root))
    figures: list[dict[str, Any]] = []
    references, commit = References.of(runs, root), origin.origin(root).commit
    for run in runs:
        figures += [_figure(run, cell, data, folder / "figures") for cell, data in ledger.bundles(run, FIGURE_MIME)]
        to = folder / f"{run.chapter.docname}.ipynb"
        to.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(readable(run, references, commit), to)
    ledger.write([_execution(run) for run in runs], folder / "execution.json")
    whole.write_json(folder / "values.json", {run.chapter.name: run.glued for run in runs})
    whole.write_json(folder / "figures.json", figures)


def _execution(run: Run) -> dict[str, Any]:
    judged = [record for _, record in ledger.outputs(run, CLAIM_MIME)]
    return {
        "chapter": run.chapter.name,
        "seconds": run.note["seconds"],
        "peak_MB": run.note["peak_MB"],
        "seed": run.all_parameters.get("seed"),
        "claims": len(judged),
        "comparisons": sum(len(record["evidence"]) for record in judged),
        "finding": filled(run.chapter.settings.get("finding", ""), run.glued),
        "shown": [record for _, record in ledger.outputs(run, SHOWN_MIME)],
    }


def _figure(run: Run, cell: int, data: dict[str, Any], folder: Path) -> dict[str, Any]:
    folder.mkdir(exist_ok=True)  # below the published files, which are there
    record = data[FIGURE_MIME]
    name = record["name"]
    (folder / f"{name}.png").write_bytes(base64.b64decode(data["image/png"]))
    (folder / f"{name}.svg").write_text(record["svg"], "utf8")
    if changed := dark(record["svg"]):
        (folder / f"{name}-dark.svg").write_text(changed, "utf8")
    (folder / f"{name}.pdf").write_bytes(base64.b64decode(record["pdf"]))
    (folder / f"{name}.csv").write_text(record["csv"], "utf8")
    if record["runs"]:
        (folder / f"{name}-runs.csv").write_text(record["runs"], "utf8")
    whole.write_json(folder / f"{name}.json", receipts.receipt(run, cell, record))
    return _described(run, cell, record)


def _described(run: Run, cell: int, record: dict[str, Any]) -> dict[str, Any]:
    """A figure as ``figures.json`` has it."""
    keep = {key: record[key] for key in ("name", "caption", "alt", "claims")}
    keep["label"] = record.get("label", 0.0)
    more = {
        "runs": bool(record["runs"]),
        "dark": bool(dark(record["svg"])),
        "size": [round(length * 4 / 3) for length in points(record["svg"])],  # in pixels, for which a page keeps room
        "chapter": run.chapter.name,
        "seed": run.all_parameters.get("seed"),
        "cell": cell,
        "number": receipts.numbers(run)[record["name"]],
        "data_sha256": made.digest(record["csv"].encode()),
    }
    return {**keep, **more}


def points(svg: str) -> list[float]:
    """Width and height of a drawing by matplotlib, in points; nothing where it does not say.

    >>> points('<svg width="36pt" height="72.6pt" viewBox="0 0 36 72.6" version="1.1">'), points("<svg>")
    ([36.0, 72.6], [])
    """
    box = VIEW.search(svg)
    return [float(length) for length in box.groups()] if box else []


def stage(runs: Sequence[Run], root: Path) -> None:
    """Fill Jupyter Book's cache afresh, so that it finds every chapter executed and has nothing to run."""
    folder = root / "_build/.jupyter_cache"
    shutil.rmtree(folder, ignore_errors=True)
    cache = get_cache(folder)
    for run in runs:
        notebook = read_myst_markdown_notebook(run.chapter.text, add_source_map=True, path=run.chapter.path)
        places = [place for place, cell in enumerate(run.notebook.cells) if cell.cell_type == "code"]
        for place, cell in zip(places, code_cells(notebook), strict=True):
            ran = run.notebook.cells[place]
            if cell.source.strip() != ran.source.strip():
                raise ValueError(f"{run.chapter.name}: expected the executed code, got other code: run it again")
            cell.outputs = [
                _one_form(output, run, place) for output in ran.outputs if SHOWN_MIME not in output.get("data", {})
            ]
            cell.execution_count = ran.execution_count
        notebook.metadata["language_info"] = run.notebook.metadata["language_info"]
        cache.cache_notebook_bundle(CacheBundleIn(notebook, str(run.chapter.path)), overwrite=True)


def _one_form(output: Any, run: Run, place: int) -> Any:
    """Cards and figures carry a plain form for other viewers, the site renders records; numbers are rounded."""
    data = output.get("data", {})
    if FIGURE_MIME in data:
        return NotebookNode({**output, "data": {FIGURE_MIME: _with_place(data[FIGURE_MIME], run, place)}})
    if CLAIM_MIME in data:
        return NotebookNode({**output, "data": {CLAIM_MIME: _card(data[CLAIM_MIME], run)}})
    if set(data) == {"text/plain"}:
        return NotebookNode({**output, "data": {"text/plain": rounded(data["text/plain"])}})
    return output


def _with_place(record: dict[str, Any], run: Run, place: int) -> dict[str, Any]:
    return {**record, "published": _described(run, place, record)}


def _card(record: dict[str, Any], run: Run) -> dict[str, Any]:
    """A verdict in pieces, as the site shows it: all comparisons at a glance, and folded the evidence row by row."""
    entry = project.claims(run.chapter.root)[record["id"]]
    evidence = record["evidence"]
    rows = cards.telling(evidence, entry)
    word = verdicts.word(record, entry)
    own = {"id": record["id"], "title": entry.get("title", ""), "verdict": word}
    cited = cite.claim({**own, "seed": run.all_parameters.get("seed")})
    return {
        "id": record["id"],
        "verdict": word,
        "line": cards.line(record, entry),
        "claimed": cards.claimed(entry),
        "overview": strips.overview(evidence, entry),
        "closing": cards.closing(entry, run.glued),
        "why": cards.why(record, entry, run.glued),
        "use": entry.get("use", "").strip(),
        "stood": stood.stood(run.chapter.root, record["id"], word),
        "cite": cite.fold("Cite this claim", cited, run.chapter.root),
        "strip": strips.strip(evidence, entry),
        "rows": "\n".join(cards.evidence_table(rows, entry, limit=None)),
        "folded": "\n".join(cards.evidence_table(evidence, entry, limit=None)) if len(rows) < len(evidence) else "",
        "comparisons": len(evidence),
    }


def render(root: Path) -> bool:
    """Build the next site with every warning an error; whether it went well."""
    program = str(Path(sys.executable).with_name("jupyter-book"))
    command = [
        program,
        "build",
        str(root),
        "--path-output",
        str(root / NEXT),
        "--all",
        "-n",
        "-W",
        "--keep-going",
        "-q",
    ]
    return subprocess.run(command, cwd=root, check=False).returncode == 0


def put_in_place(root: Path) -> None:
    """The next site and its ledger, now that they are checked, instead of the last ones."""
    site, last = root / SITE, root / "_build/last"
    shutil.rmtree(last, ignore_errors=True)
    (root / NEXT / "ledger.json").replace(root / ledger.WRITTEN)
    if site.exists():
        site.replace(last)
    (root / RENDERED).replace(site)
    for folder in (last, root / NEXT):
        shutil.rmtree(folder, ignore_errors=True)
