"""A chapter's page: links to its notebook and its claims, the picture that shows the finding, code out of the way."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from docutils import nodes
from sphinx import addnodes

from trainphys.book import cite, printed, project
from trainphys.book.chapters import Chapter

ONLY_ASKS = re.compile(r"\w+\.verdict\(\)")  # the card below such a cell says all of it
FILLS_CARD = re.compile(r"\.(compare|completed_by|verdict)\(")
EXPLAINED = (
    '<p class="strip-explained">A mark is a comparison; a filled one agrees: it is in the grey band, or keeps a bound. '
    "A card opens to the claim and all evidence. "
    '<a href="../../book/verdicts.html">How to read a verdict</a></p>'
)
OPEN = ("Derived", "Use instead")  # rooms whose code is part of the argument


def setup(app: Any) -> None:
    app.connect("doctree-read", fold_code)
    app.connect("doctree-read", add_links)
    app.connect("doctree-read", lead_with_picture)
    app.connect("doctree-read", explain_cards)


def add_links(app: Any, doctree: nodes.document) -> None:
    docname = app.env.docname
    if docname in ("book/start", "book/cite") and printed.wanted():
        line = '<p class="chapter-links"><a href="../pdf/book.pdf">The whole book as a PDF</a></p>'
        title = next(iter(doctree.findall(nodes.title)))
        title.parent.insert(title.parent.index(title) + 1, nodes.raw("", line, format="html"))
    if not docname.startswith("notebooks/"):
        return
    chapter = Chapter(Path(app.srcdir), docname.removeprefix("notebooks/"))
    notebook = f'<a href="{chapter.name.split("/")[-1]}.ipynb" download>executed notebook</a>'
    rows = " ".join(f'<a href="../../book/ledger.html#{i}">{i}</a>' for i in chapter.claim_ids)
    launch = "".join(f' · <a href="{link}">{name}</a>' for name, link in launch_links(chapter).items())
    pdf = f' · <a href="../../pdf/{chapter.number}.pdf">PDF</a>' if printed.wanted() else ""
    links = f'Claims {rows} · {notebook}{launch}{pdf} · <a href="#cite">cite</a>'
    line = nodes.raw("", f'<p class="chapter-links">{links}</p>', format="html")
    fold = cite.fold("Cite this chapter", cite.chapter(chapter), Path(app.srcdir), anchor="cite")
    next(iter(doctree.findall(nodes.section))).append(nodes.raw("", fold, format="html"))
    title = next(iter(doctree.findall(nodes.title)))
    topics = addnodes.index(
        entries=[("single", topic, "", "main", None) for topic in chapter.settings.get("topics", [])]
    )
    title.parent[title.parent.index(title) + 1 : title.parent.index(title) + 1] = [topics, line]


def launch_links(chapter: Chapter) -> dict[str, str]:
    """Where a chapter is opened to be run, by name; nowhere while the repository has no address.

    Binder opens the chapter's source in JupyterLab. Colab reads the executed notebook from the branch that the workflow
    puts the notebooks on; its first cell installs what it needs.
    """
    known = project.settings(chapter.root)
    host, _, path = known.repository_url.removeprefix("https://").rstrip("/").partition("/")
    if host != "github.com":
        return {}
    file = quote(f"lab/tree/{chapter.docname}.md", safe="")
    return {
        "Binder": f"https://mybinder.org/v2/gh/{path}/{known.branch}?urlpath={file}",
        "Colab": f"https://colab.research.google.com/github/{path}/blob/{known.notebooks_branch}/{chapter.name}.ipynb",
    }


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
    """Code that derives, and that a reader takes home, stays; all other code of a room is one fold at its end."""
    if not app.env.docname.startswith("notebooks/"):
        return
    page = next(iter(doctree.findall(nodes.section)))
    for room in [child for child in page.children if isinstance(child, nodes.section)]:
        stays = room[0].astext().startswith(OPEN)
        folded = nodes.container(nb_element="cell_code_source", classes=["cell_input"])
        for cell in list(room.findall(lambda node: isinstance(node, nodes.container) and _has_code(node))):
            source = cell[0].astext().strip()
            if stays and not cell.get("hide_mode") and not FILLS_CARD.search(source):
                continue
            if not ONLY_ASKS.fullmatch(source):
                folded += cell[0].children
            cell.remove(cell[0])
            cell["hide_mode"] = ""
            if not cell.children:
                cell.parent.remove(cell)
        if folded.children:
            words = "Code of this section"
            room += nodes.container(
                "",
                folded,
                nb_element="cell_code",
                classes=["cell"],
                hide_mode="input",
                prompt_show=words,
                prompt_hide=words,
            )


def explain_cards(app: Any, doctree: nodes.document) -> None:
    """Before a chapter's first card: how its strip is read."""
    cards = doctree.findall(lambda node: isinstance(node, nodes.container) and "claim-card" in node["classes"])
    card = next(iter(cards), None)
    if card is None or not app.env.docname.startswith("notebooks/"):
        return
    cell = card
    while not isinstance(cell.parent, nodes.section):
        cell = cell.parent
    cell.parent.insert(cell.parent.index(cell), nodes.raw("", EXPLAINED, format="html"))


def _has_code(node: nodes.container) -> bool:
    return node.get("nb_element") == "cell_code" and bool(node.children) and _is_source(node[0])


def _is_source(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Element) and node.get("nb_element") == "cell_code_source"
