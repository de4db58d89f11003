"""Cards and figures as the site shows them, from the records in the executed chapters."""

import html
from pathlib import Path
from typing import Any

from docutils import nodes

from trainphys.book import project
from trainphys.book.dark import dark
from trainphys.book.publish import PUBLISHED

FILES = (".svg", ".pdf", ".png", ".csv")


def nested(renderer: Any, text: str) -> list[nodes.Node]:
    """Nodes of a piece of MyST Markdown, parsed where the renderer stands."""
    container = nodes.container()
    with renderer.current_node_context(container):
        renderer.nested_render_text(text, 0)
    return list(container.children)


def claim(renderer: Any, record: Any) -> list[nodes.Node]:
    """A verdict as a card."""
    card = nodes.container(classes=["claim-card", f"verdict-{record['verdict']}"])
    card["ids"] = [f"claim-{record['id']}"]
    card += nested(renderer, record["opening"])
    card += nodes.raw("", record["overview"], format="html")
    card += nested(renderer, record["closing"])
    card += _evidence(renderer, record)
    return [card]


def _evidence(renderer: Any, record: Any) -> list[nodes.Node]:
    """What a referee opens: why it came out so, the law in code, the strip by reading, some rows, then all rows."""
    count = record["comparisons"]
    words = f"Why, and {count} comparison{'s' if count > 1 else ''}" if count else "Why"
    folded = [nodes.raw("", f'<details class="claim-evidence"><summary>{words}</summary>', format="html")]
    folded += nested(renderer, f"{record['why']} {record['stood']}")
    if record["use"]:
        folded += nested(renderer, f"The law to use instead, in code:\n\n```python\n{record['use']}\n```")
    folded.append(nodes.raw("", record["strip"], format="html"))
    folded += nested(renderer, record["rows"])
    if record["folded"]:
        folded.append(nodes.raw("", f'<details class="claim-more"><summary>All {count}</summary>', format="html"))
        folded += nested(renderer, record["folded"])
        folded.append(nodes.raw("", "</details>", format="html"))
    return [*folded, nodes.raw("", "</details>", format="html")]


def figure(renderer: Any, record: Any) -> list[nodes.Node]:
    """A picture with number, anchor, caption, files and citation."""
    text = (
        f"````{{figure}} /{PUBLISHED}/figures/{record['name']}.svg\n:name: {record['name']}\n"
        f":alt: {record['alt']}\n:target: ../../figures/{record['name']}.svg\n\n{record['caption']}\n````\n"
    )
    found = nested(renderer, text)
    if dark(record["svg"]):
        add_dark(found[0], f"../../figures/{record['name']}-dark.svg")
    return [*found, nodes.raw("", cite_block(record, "../../figures"), format="html")]


def add_dark(drawing: nodes.Element, path: str) -> None:
    """Beside the picture its twin for dark pages; the theme shows one of them, and only that one is loaded."""
    link = next(iter(drawing.findall(nodes.reference)))
    image = next(iter(link.findall(nodes.image)))
    image["classes"].append("only-light")
    twin = f'<a class="reference image-reference" href="{path}">{_image(path, image["alt"], "only-dark")}</a>'
    drawing.insert(drawing.index(link) + 1, nodes.raw("", twin, format="html"))


def pictures(record: dict[str, Any], folder: str) -> str:
    """HTML of a small picture, and of its twin for dark pages if there is one."""
    path = f"{folder}/{record['name']}"
    if not record["dark"]:
        return _image(f"{path}.svg", record["alt"], "")
    return _image(f"{path}.svg", record["alt"], "only-light") + _image(f"{path}-dark.svg", record["alt"], "only-dark")


def _image(path: str, alt: str, kind: str) -> str:
    chosen = f'class="{kind}" ' if kind else ""
    return f'<img {chosen}loading="lazy" alt="{html.escape(alt)}" src="{path}">'


def cite_block(record: dict[str, Any], folder: str) -> str:
    """Links to a figure's files, and its BibTeX entry, folded."""
    name = record["name"]
    files = {end[1:].upper(): end for end in FILES} | (
        {"CSV of the single runs": "-runs.csv"} if record["runs"] else {}
    )
    links = " · ".join(f'<a href="{folder}/{name}{end}" download>{words}</a>' for words, end in files.items())
    return (
        f'<details class="cite-figure"><summary>Cite or download this figure</summary>'
        f"<p>{links}</p><pre>{html.escape(bibtex(name))}</pre></details>"
    )


def bibtex(name: str, root: Path | None = None) -> str:
    """BibTeX entry of one figure; it names an address only when there is one."""
    known = project.settings(root)
    fields = {
        "author": "{" + known.authors + "}",
        "title": f"{known.title}: figure {name}",
        "year": str(known.year),
        "version": known.version,
        "doi": known.doi,
        "url": f"{known.site_url.rstrip('/')}/figures/{name}.svg" if known.site_url else "",
    }
    lines = [f"  {key} = {{{value}}}," for key, value in fields.items() if value]
    return "\n".join([f"@misc{{trainphys-{name},", *lines, "}"])
