"""What the site needs beyond Jupyter Book: cards, figures, pages made from the ledger, nothing from other hosts."""

import gc
import os
import sys
from typing import Any

from trainphys.book.site import (
    chapters,
    directives,
    glossary,
    head,
    inventory,
    minus,
    numbering,
    offline,
    reference,
    references,
    search,
    settings,
)

PARTS = (
    settings,
    directives,
    chapters,
    glossary,
    reference,
    head,
    inventory,
    minus,
    numbering,
    references,
    search,
    offline,
)

# One numbers sections when all pages have been read, the other serves LaTeX: neither says that this is safe.
SILENT = ("sphinx_multitoc_numbering", "sphinx_jupyterbook_latex")


def setup(app: Any) -> dict[str, Any]:
    # pages are large trees that live to the end: to look for garbage in them again and again takes a third of the time
    gc.set_threshold(100_000, 50, 100)
    for module in PARTS:
        module.setup(app)
    if sys.platform == "linux":  # Jupyter Book has no option for it; elsewhere a process that is copied may hang
        app.parallel = os.cpu_count() or 1
        app.connect("env-before-read-docs", side_by_side)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def side_by_side(app: Any, env: Any, names: list[str]) -> None:
    """Let pages be read by several processes: Sphinx asks every extension whether it minds."""
    for extension in map(app.extensions.get, SILENT):
        if extension and extension.parallel_read_safe is None:
            extension.parallel_read_safe = True
