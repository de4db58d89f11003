"""Formulas as plain text, for what shows no markup: tooltips, labels for screen readers, descriptions of pages."""

import re
import unicodedata

FORMULA = re.compile(r"\$([^$]+)\$")
SIGNS = {
    "le": "≤",
    "leq": "≤",
    "ge": "≥",
    "geq": "≥",
    "ne": "≠",
    "approx": "≈",
    "sim": "~",
    "propto": "∝",
    "times": "×",
    "cdot": "·",
    "to": "→",
    "infty": "∞",
    "partial": "∂",
    "nabla": "∇",
    "pm": "±",
    "in": "∈",
}
SILENT = {"left", "right", "mathrm", "text", "operatorname", "mathbf", "displaystyle", "quad", "qquad", "mathcal"}
RAISED = str.maketrans("0123456789-+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺")


def without_tex(text: str) -> str:
    r"""A text whose formulas are in Unicode.

    >>> without_tex(r"what $\gamma_{\max}$ limits, at most $\frac{1}{\lambda} x^{-2}$")
    'what γ_max limits, at most 1/λ x⁻²'
    """
    return FORMULA.sub(lambda match: _plain(match[1]), text)


def _plain(formula: str) -> str:
    formula = re.sub(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}", r"\1/\2", formula)
    formula = formula.replace(r"\sqrt", "√")
    formula = re.sub(r"\^\{?([-+]?\d+)\}?", lambda match: match[1].translate(RAISED), formula)
    formula = re.sub(r"\\([a-zA-Z]+)", lambda match: _name(match[1]), formula)
    formula = re.sub(r"\\[,;!: ]", " ", formula)
    return " ".join(re.sub(r"[{}]", "", formula).split())


def _name(command: str) -> str:
    """A command as a sign, a Greek letter, nothing, or its own name."""
    if command in SIGNS or command in SILENT:
        return SIGNS.get(command, "")
    size = "CAPITAL" if command[0].isupper() else "SMALL"
    name = command.upper().replace("LAMBDA", "LAMDA").removeprefix("VAR")
    try:
        return unicodedata.lookup(f"GREEK {size} LETTER {name}")
    except KeyError:
        return command
