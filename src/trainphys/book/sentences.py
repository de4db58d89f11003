"""Sentences that a reader takes home: where they stand, and what may not be typed in them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from trainphys.book import project
from trainphys.book.chapters import Chapter
from trainphys.book.lint import ALLOWED, MATH, NOT_PROSE, number_words, typed_results
from trainphys.book.texts import OPEN

GENERAL = re.compile(
    r"\b(best|worst|never|always|all|none|only|every|everywhere|nowhere|nothing|whatever|guarantees?|guaranteed)\b",
    re.I,
)
ADVICE = re.compile(r"^```\{finding\}[^\n]*\n(?::[^\n]*\n)*(.*?)^```", re.M | re.S)
FOUND = re.compile(r"^\*\*Found:\*\*.*?(?=\n\s*\n)", re.M | re.S)
TEXTS_OF_A_CLAIM = ("reason", "corrected", "missing")


def problems(chapters: list[Chapter], root: Path) -> list[str]:
    """Numbers and generalisations that were typed where the run has to supply them."""
    found = []
    for where, text in places(chapters, root):
        plain = OPEN.sub(" ", text)
        if general := sorted({match.group().lower() for match in GENERAL.finditer(_prose(plain))}):
            words = ", ".join(general)
            found.append(f"{where}: expected {words} tied to a check by shown(phrase, holds, check), got: {text}")
        if list(typed_results(plain)) or number_words(plain):
            found.append(f"{where}: expected numbers from the run, got typed ones: {text}")
    return found


def places(chapters: list[Chapter], root: Path) -> Iterator[tuple[str, str]]:
    """Findings, Found boxes, captions, alt texts, reasons and laws of claims, advice, each with its place."""
    for chapter in chapters:
        yield f"{chapter.name}, finding", str(chapter.settings.get("finding", ""))
        for match in FOUND.finditer(chapter.text):
            yield f"{chapter.name}, Found", match.group()
        for source in chapter.code:
            for name, text in _described(source):
                yield f"{chapter.name}, {name}", text
        for claim_id in chapter.claim_ids:
            entry = project.claims(root).get(claim_id, {})
            for key in TEXTS_OF_A_CLAIM:
                if entry.get(key):
                    yield f"claim {claim_id}, {key}", " ".join(entry[key].split())
    start, handbook = root / "book/start.md", root / "book/handbook.yml"
    if start.is_file():
        yield from (("start page, finding", match[1].strip()) for match in ADVICE.finditer(start.read_text("utf8")))
    if handbook.is_file():
        for entry in project.read_yaml(handbook):
            yield f"handbook, {entry['question']}", entry["answer"]


def _prose(text: str) -> str:
    for pattern in (*NOT_PROSE, MATH, *ALLOWED):
        text = pattern.sub(" ", text)
    return text


def _described(source: str) -> Iterator[tuple[str, str]]:
    """What is typed in the captions and alt texts of a cell's figures; what is computed is left out."""
    if "figure(" not in source:
        return
    tree = ast.parse("\n".join(line for line in source.splitlines() if not line.lstrip().startswith(("%", "!"))))
    named = {
        node.targets[0].id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "figure":
            name = _typed(call.args[0]) if call.args else "figure"
            for keyword in call.keywords:
                if keyword.arg in ("caption", "alt"):
                    value = keyword.value
                    value = named.get(value.id, value) if isinstance(value, ast.Name) else value
                    yield f"{name}, {keyword.arg}", _typed(value)


def _typed(node: ast.AST) -> str:
    """The constant parts of an f-string, with a gap where a value goes."""
    match node:
        case ast.Constant():
            return str(node.value)
        case ast.JoinedStr(values):
            return "".join(_typed(value) if isinstance(value, ast.Constant) else " … " for value in values)
        case ast.BinOp(left, ast.Add(), right):
            return _typed(left) + _typed(right)
        case ast.IfExp(_, body, orelse):
            return f"{_typed(body)} {_typed(orelse)}"
    return " … "
