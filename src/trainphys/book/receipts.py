"""The receipt of a figure: which run, cell and modules it came from, and what would show that it is another one."""

from collections.abc import Mapping
from typing import Any

from trainphys import provenance
from trainphys.book import made, project
from trainphys.book.mime import FIGURE_MIME
from trainphys.book.store import Run


def numbers(run: Run) -> dict[str, str]:
    """Number of each figure as the page prints it: the one that leads stands first, the others as they were drawn."""
    records = [
        output["data"][FIGURE_MIME]["name"]
        for cell in run.notebook.cells
        for output in cell.get("outputs", [])
        if FIGURE_MIME in output.get("data", {})
    ]
    lead = run.chapter.settings.get("lead")
    in_order = sorted(records, key=lambda name: name != lead)
    return {name: f"{run.chapter.number}.{place}" for place, name in enumerate(in_order, start=1)}


def receipt(run: Run, cell: int, record: Mapping[str, Any]) -> dict[str, Any]:
    """All that the figure depends on."""
    root = run.chapter.root
    known = project.settings(root)
    tables = {".csv": record["csv"], "-runs.csv": record["runs"]}
    modules = provenance.known_modules() & set(run.chapter.modules)
    return {
        "figure": record["name"],
        "number": numbers(run)[record["name"]],
        "chapter": run.chapter.name,
        "cell": cell,
        "code": run.notebook.cells[cell].source,
        "parameters": run.all_parameters,
        "run": run.key,
        "modules": provenance.modules_behind(modules),
        "data_sha256": {record["name"] + end: made.digest(text.encode()) for end, text in tables.items() if text},
        "version": known.version,
        "commit": made.commit(root),
        "licence": known.licence,
        "environment": made.environment(root),
    }
