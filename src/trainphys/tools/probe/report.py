"""A probe in words: lines for a terminal, a table for a notebook."""

from __future__ import annotations

import textwrap
from html import escape
from typing import TYPE_CHECKING

from trainphys.tools.probe.values import Advice, Refused, Value, interval

if TYPE_CHECKING:
    from trainphys.tools.probe.result import Probe

WIDTH = 80


def shown(value: Value) -> str:
    """A value with its interval, or why it was refused."""
    if isinstance(value, Refused):
        return f"refused: {value.why}"
    low, high = interval(value)
    return f"{value.value:.4g}  [{low:.4g}, {high:.4g}]"


def head(probe: Probe) -> str:
    batch = f", batches of {probe.batch_size:,}" if probe.batch_size else ""
    return f"{probe.optimizer}{batch}: {probe.parameters:,} parameters, {probe.samples:,} samples"


def foot(probe: Probe) -> str:
    return f"Intervals of 95 %. {probe.products} products with the Hessian, {probe.seconds:.2g} s."


def rows(probe: Probe) -> dict[str, str]:
    found = {name.replace("_", " "): shown(value) for name, value in probe.values().items()}
    return {"loss": f"{probe.loss:.4g}"} | found


def _advised(advice: Advice | Refused) -> str:
    if isinstance(advice, Refused):
        return f"none: {advice.why}"
    return f"{advice.text} Tried: {advice.tried}"


def as_text(probe: Probe) -> str:
    lines = [*textwrap.wrap(head(probe), WIDTH, subsequent_indent="  "), ""]
    for name, text in rows(probe).items():
        lines += textwrap.wrap(text, WIDTH, initial_indent=f"{name:<23}", subsequent_indent=" " * 23)
    lines.append("")
    for about, advice in probe.advice.items():
        lines += textwrap.wrap(f"{about.capitalize()}: {_advised(advice)}", WIDTH, subsequent_indent="  ")
    for note in probe.notes:
        lines += textwrap.wrap(f"Note: {note}", WIDTH, subsequent_indent="  ")
    return "\n".join([*lines, "", foot(probe)])


def as_html(probe: Probe) -> str:
    lines = [f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in rows(probe).items()]
    advised = [(about.capitalize(), _advised(advice)) for about, advice in probe.advice.items()]
    advised += [("Note", note) for note in probe.notes]
    words = [f"<p><b>{escape(about)}:</b> {escape(text)}</p>" for about, text in advised]
    table = f"<table><caption>{escape(head(probe))}</caption>{''.join(lines)}</table>"
    return f"{table}{''.join(words)}<p>{escape(foot(probe))}</p>"
