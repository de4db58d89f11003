"""Code on a page, run when the page is made: what its lines return, the picture that they draw, numbers in prose.

The blocks of a page share their names, from the top down.
"""

import ast
import html
import io
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from typing import Any, ClassVar

import numpy as np
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxRole

from trainphys.book.dark import dark
from trainphys.book.publish import PUBLISHED
from trainphys.book.site.page import Page, raw
from trainphys.book.site.render import large
from trainphys.book.texts import number, rounded


class Printed(str):
    """What an example prints, which is shown as it is."""


def ran(code: str, scope: dict[str, Any]) -> list[Any]:
    """What the lines of an example return or print, in order, without those that return nothing.

    >>> ran("x = 2\\nx + 1\\nprint(x)", {})
    [3, '2']
    """
    found: list[Any] = []
    for statement in ast.parse(code).body:
        with redirect_stdout(io.StringIO()) as printed, redirect_stderr(io.StringIO()):
            if isinstance(statement, ast.Expr):
                value = eval(compile(ast.Expression(statement.value), "<example>", "eval"), scope)
            else:
                value = None
                exec(compile(ast.Module([statement], []), "<example>", "exec"), scope)
        found += [Printed(text) for text in [printed.getvalue().rstrip()] if text] + ([] if value is None else [value])
    return found


def short(value: Any) -> str:
    """A value, rounded for reading.

    >>> short((1 / 3, "x")), short("a" * 301) == "a" * 300 + " ..."
    ('0.3333, x', True)
    """
    with np.printoptions(precision=4, threshold=8, edgeitems=3):
        if isinstance(value, float | np.floating | np.ndarray) and np.ndim(value) == 0:
            return number(float(value))
        if isinstance(value, tuple) and not hasattr(value, "_fields"):
            return ", ".join(short(one) for one in value)
        text = rounded(str(value))
    return text if len(text) < 300 or isinstance(value, Printed) else f"{text[:300]} ..."


class Worked(Page):
    """A block of code, what it returns, and its picture; ``:alt:`` says what it shows, with ``{values}`` of the run."""

    has_content = True
    optional_arguments = 1  # the picture's name
    option_spec: ClassVar[dict[str, Any]] = {"alt": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        import_module("trainphys.book.figures")  # the style of the book, and not before there is something to draw
        code, scope = "\n".join(self.content), _scope(self.env)
        values = ran(code, scope)
        drawn = [value for value in values if hasattr(value, "figure") and hasattr(value, "get_lines")]
        if not bool(drawn) == bool(self.arguments) == ("alt" in self.options):
            raise ValueError(
                f"expected a name and words (:alt:) for a picture, and for nothing else, in {self.env.docname}"
            )
        text = "\n".join(short(value) for value in values if value not in drawn)
        found = self.parse(f"```python\n{code}\n```" + (f"\n```text\n{text}\n```" if text else ""))
        for axes in drawn[-1:]:
            found.append(raw(self._picture(axes.figure, filled(self.options["alt"], scope))))
        return found

    def _picture(self, figure: Any, alt: str) -> str:
        name = f"tools-{self.arguments[0]}"
        figures = import_module("trainphys.book.figures")
        drawing = figures._saved(figure, "svg", figures.SVG_METADATA).decode()
        folder = self.root / PUBLISHED / "figures"
        folder.mkdir(parents=True, exist_ok=True)
        for end, text in ((".svg", drawing), ("-dark.svg", dark(drawing))):
            (folder / f"{name}{end}").write_text(text, "utf8")
        images = large({"name": name, "alt": alt, "dark": True}, "../figures")
        words = f'<figcaption><p><span class="caption-text">{html.escape(alt)}</span></p></figcaption>'
        return f'<figure class="align-default" id="{name}">{images}{words}</figure>'


class Value(SphinxRole):
    """A number from the blocks above, as an f-string has it: ``{value}`point.batch_size:.0f` ``."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        return [nodes.Text(filled(f"{{{self.text}}}", _scope(self.env)))], []


def filled(text: str, scope: dict[str, Any]) -> str:
    """Words with values of the run in braces.

    >>> filled("{x[0]:.1f} of 2", {"x": [0.25]})
    '0.2 of 2'
    """
    return str(eval("f" + repr(text), scope))


def _scope(env: Any) -> dict[str, Any]:
    """The names of a page; the first block of each begins afresh."""
    found: dict[str, Any] = env.temp_data.setdefault("worked", {"__name__": "__main__"})
    return found
