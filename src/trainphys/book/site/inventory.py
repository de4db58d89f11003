"""Claims in ``objects.inv``, so that this book and others can refer to one: ``{ref}`claim-B7.1c` ``."""

from pathlib import Path
from typing import Any

from trainphys.book.site.pages import read


def setup(app: Any) -> None:
    app.connect("env-updated", add_claims)


def add_claims(app: Any, env: Any) -> list[str]:
    """A label for each judged claim, at its card; returns no page to write anew."""
    known = env.get_domain("std")
    for row in read(Path(app.srcdir), "ledger.json"):
        if row["chapter"]:
            place = (f"notebooks/{row['chapter']}", f"claim-{row['id']}")
            label = place[1].lower()  # as the role asks for it, however it was written
            known.labels[label] = (*place, f"{row['id']} {row['title']}")
            known.anonlabels[label] = place
    return []
