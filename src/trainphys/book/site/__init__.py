"""What the site needs beyond Jupyter Book: cards, figures, pages made from the ledger, nothing from other hosts."""

import gc
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


def setup(app: Any) -> dict[str, Any]:
    # pages are large trees that live to the end: to look for garbage in them again and again takes a third of the time
    gc.set_threshold(100_000, 50, 100)
    for module in PARTS:
        module.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
