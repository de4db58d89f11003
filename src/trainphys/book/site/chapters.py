"""A chapter's page: links to its notebook and its claims, the picture that shows the finding, code out of the way."""

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes

from trainphys.book import printed
from trainphys.book.chapters import Chapter

ONLY_ASKS = re.compile(r"\w+\.verdict\(\)")  # the card below such a cell says all of it


def setup(app: Any) -> None:
    app.connect("doctree-read", fold_code)
    app.connect("doctree-read", add_links)
    app.connect("doctree-read", lead_with_picture)


def add_links(app: Any, doctree: nodes.document) -> None:
    docname = app.env.docname
    if not docname.startswith("notebooks/"):
        return
    chapter = Chapter(Path(app.srcdir), docname.removeprefix("notebooks/"))
    notebook = f'<a href="{chapter.name.split("/")[-1]}.ipynb" download>executed notebook</a>'
    rows = " ".join(f'<a href="../../book/ledger.html#{i}">{i}</a>' for i in chapter.claim_ids)
    pdf = f' · <a href="../../pdf/{chapter.number}.pdf">PDF</a>' if printed.wanted() else ""
    line = nodes.raw("", f'<p class="chapter-links">Claims {rows} · {notebook}{pdf}</p>', format="html")
    title = next(iter(doctree.findall(nodes.title)))
    topics = addnodes.index(
        entries=[("single", topic, "", "main", None) for topic in chapter.settings.get("topics", [])]
    )
    title.parent[title.parent.index(title) + 1 : title.parent.index(title) + 1] = [topics, line]


def lead_with_picture(app: Any, doctree: nodes.document) -> None:
    """Move the figure that shows the finding up to the paragraph that states it; by default the chapter's first one."""
    docname = app.env.docname
    figures = list(doctree.findall(nodes.figure)) if docname.startswith("notebooks/") else []
    if not figures:
        return
    lead = Chapter(Path(app.srcdir), docname.removeprefix("notebooks/")).settings.get("lead")
    names = [name for figure in figures for name in figure["names"]]
    if lead and lead not in names:
        raise ValueError(f"expected lead: in {docname} to name one of its figures {', '.join(names)}, got {lead!r}")
    figure = next(figure for figure in figures if not lead or lead in figure["names"])
    page = next(iter(doctree.findall(nodes.section)))
    rooms = [child for child in page.children if isinstance(child, nodes.section)]
    place = page.index(rooms[0]) if rooms else len(page)
    output = figure.parent
    taken = [figure]
    after = output.index(figure) + 1
    if after < len(output) and isinstance(output[after], nodes.raw):
        taken.append(output[after])  # how to cite it
    for node in taken:
        output.remove(node)
    page[place:place] = taken


def fold_code(app: Any, doctree: nodes.document) -> None:
    """Fold code that fills cards and drop what only asks for one; what derives and simulates stays open."""
    for cell in doctree.findall(
        lambda node: isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"
    ):
        if not cell.children or cell[0].get("nb_element") != "cell_code_source":
            continue
        source = cell[0].astext().strip()
        if ONLY_ASKS.fullmatch(source):
            cell.remove(cell[0])
        elif ".compare(" in source and not cell.get("hide_mode"):
            config = app.config
            cell["hide_mode"] = "input"
            cell["prompt_show"], cell["prompt_hide"] = config.nb_code_prompt_show, config.nb_code_prompt_hide
