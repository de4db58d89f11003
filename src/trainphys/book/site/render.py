"""Cards and figures as the site shows them, from the records in the executed chapters."""

import html
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docutils import nodes

from trainphys.book import cite, made, origin, project
from trainphys.book.publish import PUBLISHED
from trainphys.book.site.without_tex import FORMULA, without_tex

FILES = (".svg", ".pdf", ".png", ".csv")
SENTENCE = re.compile(r".+?\.(?=\s|$)")
BRIEF = 34  # characters of the law to use that a line of a phone holds


def nested(renderer: Any, text: str) -> list[nodes.Node]:
    """Nodes of a piece of MyST Markdown, parsed where the renderer stands."""
    container = nodes.container()
    with renderer.current_node_context(container):
        renderer.nested_render_text(text, 0)
    return list(container.children)


def claim(renderer: Any, record: Any) -> list[nodes.Node]:
    """A verdict as a card: a line, all comparisons at a glance, the law to use; opened, all the rest."""
    card = nodes.container(classes=["claim-card", f"verdict-{record['verdict']}"])
    card += nodes.raw("", '<details class="claim-evidence"><summary class="claim-line">', format="html")
    card += _words(renderer, record["line"])
    card += nodes.raw("", record["overview"], format="html")
    card += _words(renderer, record["closing"], "claim-law", *(["claim-law-brief"] if brief(record["closing"]) else []))
    # a browser opens the fold that holds the target of a link
    card += nodes.raw("", f'</summary><div id="claim-{record["id"]}">', format="html")
    card += nested(renderer, f"*Claimed:* {record['claimed']}")
    card += _evidence(renderer, record)
    card += nodes.raw("", f"{record['cite']}</div></details>", format="html")
    return [card]


def _words(renderer: Any, text: str, *classes: str) -> list[nodes.Node]:
    """Text of the handle that opens a card."""
    found = nested(renderer, text)
    for words in found:
        words["classes"] += ["claim-words", *classes]
    return found


def brief(closing: str) -> bool:
    """Whether one line of a phone says something of the law to use: the formula, or the sentence, that opens it fits.

    >>> brief("*Use instead:* $x=1/y$ in short steps, with $y$ as above."), brief("*Use instead:* In short steps $x=1$")
    (True, False)
    """
    law = closing.removeprefix("*Use instead:* ")
    head = FORMULA.match(law) or SENTENCE.match(law)
    plain = without_tex(head[0]) if head else ""
    return len(plain) <= BRIEF and re.search(r"[=(<>.]", plain) is not None  # a symbol alone is no formula


def _evidence(renderer: Any, record: Any) -> list[nodes.Node]:
    """What a referee wants: why it came out so, the law in code, the strip by reading, some rows, then all rows."""
    shown = nested(renderer, f"{record['why']} {record['stood']}")
    if record["use"]:
        shown += nested(renderer, f"The law to use instead, in code:\n\n```python\n{record['use']}\n```")
    shown.append(nodes.raw("", record["strip"], format="html"))
    shown += nested(renderer, record["rows"])
    if record["folded"]:
        words = f"All {record['comparisons']} comparisons"
        shown.append(nodes.raw("", f'<details class="claim-more"><summary>{words}</summary>', format="html"))
        shown += nested(renderer, record["folded"])
        shown.append(nodes.raw("", "</details>", format="html"))
    return shown


def figure(renderer: Any, record: Any) -> list[nodes.Node]:
    """A picture with number, anchor, caption, files and citation."""
    text = (
        f"````{{figure}} /{PUBLISHED}/figures/{record['name']}.svg\n:name: {record['name']}\n"
        f":alt: {record['alt']}\n:target: ../../figures/{record['name']}.svg\n\n{record['caption']}\n````\n"
    )
    found = nested(renderer, text)
    if record["published"]["dark"]:
        add_dark(found[0], f"../../figures/{record['name']}-dark.svg", record["published"]["size"])
    return [*found, nodes.raw("", cite_block(record["published"], "../../figures"), format="html")]


def add_dark(drawing: nodes.Element, path: str, size: Sequence[int] = ()) -> None:
    """Beside the picture its twin for dark pages; the theme shows one of them, and only that one is loaded."""
    link = next(iter(drawing.findall(nodes.reference)))
    image = next(iter(link.findall(nodes.image)))
    image["classes"].append("only-light")
    twin = _link(path, _image(path, image["alt"], "only-dark", size=size))
    drawing.insert(drawing.index(link) + 1, nodes.raw("", twin, format="html"))


def large(record: dict[str, Any], folder: str) -> str:
    """HTML of a picture that opens large (``figures.js``), and of its twin for dark pages if there is one."""
    size = record.get("size", ())
    files = _files(record, folder).items()
    return "".join(_link(path, _image(path, record["alt"], kind, size=size)) for kind, path in files)


def _files(record: dict[str, Any], folder: str) -> dict[str, str]:
    """Paths of a picture by the class that the theme shows it for: light and dark pages, or all of them."""
    kinds = {"only-light": "", "only-dark": "-dark"} if record["dark"] else {"": ""}
    return {kind: f"{folder}/{record['name']}{end}.svg" for kind, end in kinds.items()}


def _link(path: str, image: str) -> str:
    return f'<a class="reference image-reference" href="{path}">{image}</a>'


def pictures(record: dict[str, Any], folder: str, view: str = "") -> str:
    """HTML of a small picture, and of its twin for dark pages if there is one; ``view``: x y width height of a part."""
    size = record.get("size", ())
    return "".join(_image(path, record["alt"], kind, view, size) for kind, path in _files(record, folder).items())


def _image(path: str, alt: str, kind: str, view: str = "", size: Sequence[int] = ()) -> str:
    chosen = f'class="{kind}" ' if kind else ""
    if view:
        x, y, width, height = view.split()
        path += f"#svgView(viewBox({x},{y},{width},{height}))"
        chosen += f'style="aspect-ratio: {width} / {height}" '
    elif size:  # it loads late: without it what is below would jump
        chosen += 'width="{}" height="{}" '.format(*size)
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
        "lock": origin.lock_digest(root)[:12],
        "data": record["data_sha256"][:12],
        "cell": record["cell"],
    }
    said = ", ".join(f"{word} {value}" for word, value in parts.items() if value not in ("", None))
    return f'<a href="{file}" download>Receipt</a>: {said}; the file also has the code, the modules and the versions.'
