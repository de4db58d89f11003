"""Cards and figures as the site shows them, from the records in the executed chapters."""

import html
from pathlib import Path
from typing import Any

from docutils import nodes

from trainphys.book import cite, made, project
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
    return [*folded, nodes.raw("", f"{record['cite']}</details>", format="html")]


def figure(renderer: Any, record: Any) -> list[nodes.Node]:
    """A picture with number, anchor, caption, files and citation."""
    text = (
        f"````{{figure}} /{PUBLISHED}/figures/{record['name']}.svg\n:name: {record['name']}\n"
        f":alt: {record['alt']}\n:target: ../../figures/{record['name']}.svg\n\n{record['caption']}\n````\n"
    )
    found = nested(renderer, text)
    if record["published"]["dark"]:
        add_dark(found[0], f"../../figures/{record['name']}-dark.svg")
    return [*found, nodes.raw("", cite_block(record["published"], "../../figures"), format="html")]


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
    """Links to a figure's files, its receipt and its citation, folded."""
    name, root = record["name"], project.root()
    files = {end[1:].upper(): end for end in FILES} | (
        {"CSV of the single runs": "-runs.csv"} if record["runs"] else {}
    )
    links = " · ".join(f'<a href="{folder}/{name}{end}" download>{words}</a>' for words, end in files.items())
    before = f"<p>{links}</p><p>{_receipt(record, f'{folder}/{name}.json', root)}</p>"
    return cite.fold("Cite or download this figure", cite.figure(record), root, before)


def _receipt(record: dict[str, Any], file: str, root: Path) -> str:
    """What it was made from, short; the file has all of it."""
    parts = {
        "commit": made.commit(root)[:12],
        "seed": record["seed"],
        "lock": made.lock_digest(root)[:12],
        "data": record["data_sha256"][:12],
        "cell": record["cell"],
    }
    said = ", ".join(f"{word} {value}" for word, value in parts.items() if value not in ("", None))
    return f'<a href="{file}" download>Receipt</a>: {said}; the file also has the code, the modules and the versions.'
