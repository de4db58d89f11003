"""A chapter's notebook for reading alone: numbers and references filled in, captions, what to install, versions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from pybtex.database import BibliographyData, Entry, parse_file
from pybtex.plugin import find_plugin

from trainphys.book import ledger, made, project
from trainphys.book.chapters import code_cells
from trainphys.book.mime import FIGURE_MIME
from trainphys.book.store import Run
from trainphys.book.texts import filled

ROLE = re.compile(r"\{(glue:text|numref|eq|cite:p|cite:t|doc)\}`([^`]+)`")
EQUATION = re.compile(r"\$\$((?:(?!\$\$).)+)\$\$\s*\((eq-[\w-]+)\)", re.S)
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:|#)([^)\s]+)\)")
FOLD = re.compile(r"<details[^>]*><summary>(.*?)</summary>")
EXPLORER = re.compile(r"```\{explorer\} .*?\n(.*?)```\n?", re.S)
FOUND = re.compile(r"\*\*Found:\*\*.*?(?=\n\n|\Z)", re.S)
WIDTH = 640  # pixels of a picture


@dataclass(frozen=True)
class References:
    """What the roles of all chapters refer to: the site's numbers of figures and equations, and the literature."""

    root: Path
    figures: Mapping[str, str]
    equations: Mapping[str, str]

    @cached_property
    def literature(self) -> BibliographyData:
        return parse_file(str(self.root / "book/references.bib"))

    @classmethod
    def of(cls, runs: Sequence[Run], root: Path) -> "References":
        figures: dict[str, str] = {}
        equations: dict[str, str] = {}
        for run in runs:
            chapter = run.chapter
            names = [data[FIGURE_MIME]["name"] for _, data in ledger.bundles(run, FIGURE_MIME)]
            lead = chapter.settings.get("lead")
            names.sort(key=lambda name: name != lead)  # the page shows it first
            labels = [label for _, label in EQUATION.findall(chapter.text)]
            figures |= {name: f"{chapter.number}.{n}" for n, name in enumerate(names, 1)}
            equations |= {label: f"{chapter.number}.{n}" for n, label in enumerate(labels, 1)}
        return cls(root, figures, equations)


def readable(run: Run, references: References, commit: str = "") -> NotebookNode:
    """The executed notebook with nothing in it that only this book's site understands."""
    notebook = nbformat.from_dict(run.notebook)
    cited: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _prose(cell.source, run, references, cited)
        else:
            cell.outputs = [one for output in cell.outputs for one in _plain(output, references, cited, run)]
    known = project.settings(references.root)
    said = {"version": known.version, "commit": commit, "seed": run.all_parameters.get("seed")}
    notebook.metadata["trainphys"] = {**run.chapter.settings, **said, "environment": made.environment(references.root)}
    notebook.cells.insert(0, _opening(run, said, known))
    notebook.cells += [_again(run, references), *_bibliography(references, cited)]
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    return notebook


def _prose(text: str, run: Run, references: References, cited: list[str]) -> str:
    def tagged(match: re.Match[str]) -> str:
        return f"$${match[1].rstrip()} \\tag{{{references.equations[match[2]]}}}$$"

    text = EXPLORER.sub(lambda match: f"*On the page there is an explorer to drag:* {match[1].strip()}\n", text)
    text = FOLD.sub(lambda match: f"**{match[1]}.**", text).replace("</details>", "")
    text = EQUATION.sub(tagged, text)
    text = ROLE.sub(lambda match: _role(match[1], match[2], run, references, cited), text)
    return LINK.sub(lambda match: _link(match[1], match[2], run, references.root), text).strip()


def _role(kind: str, what: str, run: Run, references: References, cited: list[str]) -> str:
    if kind == "glue:text":
        name, _, how = what.partition(":")
        return format(run.glued[name], how) if name in run.glued else _raw(kind, what)
    if kind == "numref":
        return f"Fig. {references.figures[what]}" if what in references.figures else _raw(kind, what)
    if kind == "eq":
        return f"Eq. ({references.equations[what]})" if what in references.equations else _raw(kind, what)
    if kind == "doc":
        return what.split("<")[0].strip()
    keys = [key.strip() for key in what.split(",")]
    if not all(key in references.literature.entries for key in keys):
        return _raw(kind, what)
    cited += [key for key in keys if key not in cited]
    entries = [references.literature.entries[key] for key in keys]
    if kind == "cite:t":
        return ", ".join(f"{_authors(entry)} ({entry.fields['year']})" for entry in entries)
    return "(" + "; ".join(f"{_authors(entry)}, {entry.fields['year']}" for entry in entries) + ")"


def _raw(kind: str, what: str) -> str:
    """What leads nowhere stays as it is: the site's builder stops at it and says where it stands."""
    return f"{{{kind}}}`{what}`"


def _authors(entry: Entry) -> str:
    names = [" ".join([*person.prelast_names, *person.last_names]) for person in entry.persons["author"]]
    names = [re.sub(r"[{}]", "", name) for name in names]
    return names[0] if len(names) == 1 else " and ".join(names) if len(names) == 2 else f"{names[0]} et al."


def _link(words: str, target: str, run: Run, root: Path) -> str:
    """An absolute link when the site has an address, else the words alone."""
    site = project.settings(root).site_url.rstrip("/")
    page, hash_, anchor = target.partition("#")
    path = (run.chapter.path.parent / page).resolve()
    if not site or path.suffix != ".md" or not path.is_relative_to(root.resolve()):
        return words
    return f"[{words}]({site}/{path.relative_to(root.resolve()).with_suffix('.html').as_posix()}{hash_}{anchor})"


def _plain(output: Any, references: References, cited: list[str], run: Run) -> list[Any]:
    """An output without our own kinds of data; a picture is followed by its number and caption."""
    data = output.get("data", {})
    if FIGURE_MIME not in data:
        ours = [kind for kind in data if kind.startswith("application/")]
        left = {kind: value for kind, value in data.items() if kind not in ours}
        hidden = ours and not {"text/markdown", "text/html", "image/png"} & left.keys()
        return [] if hidden else [NotebookNode({**output, "data": NotebookNode(left)})] if ours else [output]
    record = data[FIGURE_MIME]
    caption = f"**Fig. {references.figures[record['name']]}.** {_prose(record['caption'], run, references, cited)}"
    picture = {"image/png": data["image/png"], "text/plain": record["alt"]}
    return [
        new_output("display_data", data=picture, metadata={"image/png": {"width": WIDTH}}),
        new_output("display_data", data={"text/markdown": caption}),
    ]


def _opening(run: Run, said: Mapping[str, Any], known: project.Settings) -> NotebookNode:
    commit = f", commit {said['commit'][:12]}" if said["commit"] else ""
    lines = [
        f"# {known.title}: chapter {run.chapter.number}, version {said['version']}{commit}, seed {said['seed']}.",
        "# To run this notebook anywhere, take the # off the next line once.",
        '# %pip install "trainphys[book]"',
    ]
    return new_code_cell("\n".join(lines))


def _again(run: Run, references: References) -> NotebookNode:
    """A last cell that states the finding with the numbers of the run at hand."""
    found = FOUND.search(run.chapter.text)
    template = re.sub(r"\{glue:text\}`(\w+)(:[^`]*)?`", r"[[\1\2]]", found[0] if found else "")
    template = _prose(template, run, references, [])
    source = f'from trainphys.book.numbers import restate\n\nrestate(r"""{template}""")'
    try:
        words = filled(template, run.glued)
    except KeyError:  # as above: the site's builder says where a number is missing
        words = template
    output = new_output("display_data", data={"text/markdown": words})
    return new_code_cell(source, outputs=[output])


def _bibliography(references: References, cited: Sequence[str]) -> list[NotebookNode]:
    if not cited:
        return []
    entries = BibliographyData({key: references.literature.entries[key] for key in cited})
    style, backend = _form()
    lines = [f"- {entry.text.render(backend)}" for entry in style.format_bibliography(entries)]
    return [new_markdown_cell("\n".join(["## References", "", *lines]))]


@cache
def _form() -> tuple[Any, Any]:
    """How pybtex writes a reference: to look for its plug-ins takes long."""
    style, backend = ("pybtex.style.formatting", "plain"), ("pybtex.backends", "markdown")
    return find_plugin(*style)(), find_plugin(*backend)()


def roles_left(notebook: NotebookNode) -> list[str]:
    """Words in curly braces that a reader of the notebook would meet."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    shown = [
        output.get("data", {}).get("text/markdown", "") for cell in code_cells(notebook) for output in cell.outputs
    ]
    texts = [*(cell.source for cell in cells), *shown]
    return [found[0] for text in texts for found in re.finditer(r"\{[a-z:]+\}`[^`]*`|```\{\S+\}|\[\[\w+", text)]
