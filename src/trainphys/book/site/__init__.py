"""What the site needs beyond Jupyter Book: cards, figures, pages made from the ledger, nothing from other hosts."""

from __future__ import annotations

from typing import Any

from trainphys.book.site import chapters, directives, offline, settings


def setup(app: Any) -> dict[str, Any]:
    for module in (settings, directives, chapters, offline):
        module.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
