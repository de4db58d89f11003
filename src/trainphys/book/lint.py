"""Digits that did not come from the run: prose may quote formulas and name sections, it may not type results."""

import re
from collections.abc import Iterator

from trainphys.book.chapters import CLAIM_ID

# What is not prose, taken out first; the order matters.
NOT_PROSE = [
    re.compile(r"^---\n.*?\n---\n", re.S),  # front matter
    re.compile(r"<!--.*?-->", re.S),
    re.compile(r"^(`{3,}|~{3,}|:{3,}).*?^\1\s*$", re.S | re.M),  # code and directives
    re.compile(r"\$\$.*?\$\$(\s*\([\w-]+\))?", re.S),  # displayed formulas and their labels
    re.compile(r"^\([\w-]+\)=$", re.M),  # targets of references
    re.compile(r"\{[\w:.-]+\}`[^`]*`"),  # roles: glue, eq, numref, cite
    re.compile(r"`[^`]*`"),
    re.compile(r"\]\([^)]*\)"),  # targets of links
]
ALLOWED = [
    re.compile(r"\b[Ss]ections?\s+[\dA]+(\.\d+)?(\s*(,|and|to|–)\s*[\dA]+(\.\d+)?)*"),
    CLAIM_ID,
    re.compile(r"\b\d-D\b"),
    re.compile(r"\b[A-Za-z]+\d\b"),  # L1, L2
    re.compile(r"^\s*\d+\.\s", re.M),  # numbered lists
]
MATH = re.compile(r"\$[^$]+\$")
RESULT_IN_MATH = re.compile(r"\d\.\d|\\(approx|simeq)\s*-?\d")


def typed_results(text: str) -> Iterator[tuple[int, str]]:
    """Lines of a page, by number, with a digit in the prose or a measured number in a formula.

    >>> list(typed_results("The ratio is 3.2, as section 7.1 says of $x^2$."))
    [(1, 'The ratio is 3.2, as section 7.1 says of $x^2$.')]
    >>> list(typed_results("It is {glue:text}`ratio:.1f` in $R^3$."))
    []
    """
    blank = text
    for pattern in NOT_PROSE:
        blank = pattern.sub(_blanked, blank)
    prose = MATH.sub(_blanked, blank)
    for pattern in ALLOWED:
        prose = pattern.sub(_blanked, prose)
    lines = text.splitlines()
    suspects = {prose.count("\n", 0, m.start()) for m in re.finditer(r"\d", prose)}
    for formula in MATH.finditer(blank):
        if RESULT_IN_MATH.search(formula.group()):
            suspects.add(blank.count("\n", 0, formula.start()))
    yield from ((line + 1, lines[line].strip()) for line in sorted(suspects))


NUMBER_WORDS = re.compile(
    r"\b(?:(?:eleven|twelve|\w+teen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-\w+)?"
    r"|hundreds?|thousands?|millions?)\b"
    r"|(?:one|two|three|four|five|six|seven|eight|nine|ten) per cent\b"
    r"|(?:a|an|one|two|three|four|five|six|seven|eight|nine|ten)[ -]"
    r"(?:third|quarter|fifth|sixth|seventh|eighth|ninth|tenth|twentieth|fiftieth|hundredth|thousandth)s?\b)",
    re.I,
)


def number_words(text: str) -> list[str]:
    """Numbers in words, which hide from a search for digits.

    >>> number_words("It loses ninety-seven per cent, two thirds of it at once; two wells remain.")
    ['ninety-seven', 'two thirds']
    """
    for pattern in (*NOT_PROSE, MATH):
        text = pattern.sub(_blanked, text)
    return NUMBER_WORDS.findall(text)


def _blanked(match: re.Match[str]) -> str:
    """Spaces of the same length, so that line numbers stay right."""
    return re.sub(r"[^\n]", " ", match.group())
