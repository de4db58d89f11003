"""The line above each chapter that leads to its executed notebook and its rows of the ledger."""

from pathlib import Path
from typing import Any

from docutils import nodes

from trainphys.book.chapters import Chapter


def setup(app: Any) -> None:
    app.connect("doctree-read", add_links)


def add_links(app: Any, doctree: nodes.document) -> None:
    docname = app.env.docname
    if not docname.startswith("notebooks/"):
        return
    chapter = Chapter(Path(app.srcdir), docname.removeprefix("notebooks/"))
    notebook = f'<a href="{chapter.name.split("/")[-1]}.ipynb" download>executed notebook</a>'
    rows = " ".join(f'<a href="../../book/ledger.html#{i}">{i}</a>' for i in chapter.claim_ids)
    line = nodes.raw("", f'<p class="chapter-links">Claims {rows} · {notebook}</p>', format="html")
    title = next(iter(doctree.findall(nodes.title)))
    title.parent.insert(title.parent.index(title) + 1, line)
