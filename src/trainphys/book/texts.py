"""Sentences outside the chapters' prose, with the numbers and phrases that a run puts into them."""

import ast
import math
import re
from collections.abc import Mapping
from typing import Any

import nbformat

OPEN = re.compile(r"\[\[(?P<name>\w+)(?::(?P<format>[^\]]*))?\]\]")
GLUED = "application/papermill.record/text/plain"


def filled(text: str, values: Mapping[str, Any] | None) -> str:
    """A text with ``[[name:format]]`` replaced by what the run glued; its white space is made plain.

    Raises:
        KeyError: the run glued no such name.

    >>> filled("wins by [[gain:.0%]]", {"gain": 0.125})
    'wins by 12%'
    """
    plain = " ".join(text.split())
    if values is None:
        return OPEN.sub("…", plain)

    def value(match: re.Match[str]) -> str:
        if match["name"] not in values:
            raise KeyError(f"expected glue({match['name']}=...) in the chapter for {match[0]}, got none")
        return format(values[match["name"]], match["format"] or "")

    return OPEN.sub(value, plain)


def glued(notebook: nbformat.NotebookNode) -> dict[str, Any]:
    """What a run glued, by name."""
    found = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if GLUED in output.get("data", {}):
                found[output.metadata.scrapbook["name"]] = _value(output.data[GLUED])
    return found


def _value(text: str) -> Any:
    """What was glued; infinities and nan, which bent laws may give, are no literals.

    >>> _value("'digits'"), _value("0.5"), _value("-inf")
    ('digits', 0.5, -inf)
    """
    return float(text) if text.lstrip("-") in ("inf", "nan") else ast.literal_eval(text)


def number(value: Any, digits: int = 4) -> str:
    """A number as a reader wants it; texts pass through.

    >>> number(0.00001234), number(1234.5678), number(4.56e-13, 2), number("quench"), number(True)
    ('1.234 × 10⁻⁵', '1,235', '4.6 × 10⁻¹³', 'quench', 'yes')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, float) or not math.isfinite(value):
        return str(value)
    rounded = float(f"{value:.{digits}g}")
    if rounded and not 1e-3 <= abs(rounded) < 1e6:
        return power_of_ten(rounded, digits - 1)
    return f"{rounded:,.0f}" if abs(rounded) >= 1000 else f"{rounded:.{digits}g}"


LONG = re.compile(r"(?<![\w.])-?\d+\.\d{5,}(?:e[+-]?\d+)?|(?<![\w.])-?\d\.\d+e[+-]?\d+")
BOXED = re.compile(r"\b(?:np\.float64|array)\((-?[\d.]+(?:e[+-]?\d+)?)\)")


def rounded(text: str) -> str:
    """What Python printed, with four digits a number and without the words around a single one.

    >>> rounded("(0.95, 0.5862334237376219)"), rounded("np.float64(31.989961198192763)"), rounded("array([1.5, 2.])")
    ('(0.95, 0.5862)', '31.99', 'array([1.5, 2.])')
    """
    return LONG.sub(lambda match: f"{float(match[0]):.4g}", BOXED.sub(r"\1", text))


def power_of_ten(value: float, digits: int = 1) -> str:
    """A number with so many digits after its point at most, in Unicode.

    >>> power_of_ten(0.000123), power_of_ten(2e9)
    ('1.2 × 10⁻⁴', '2 × 10⁹')
    """
    mantissa, exponent = f"{value:.{digits}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa} × 10{str(int(exponent)).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"
