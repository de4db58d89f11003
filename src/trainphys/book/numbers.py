"""Numbers and generalisations for sentences: computed in the run, placed by ``{glue:text}`` or an f-string."""

from typing import Any

import myst_nb
from IPython.display import Markdown, display

from trainphys import bend
from trainphys.book.texts import filled
from trainphys.book.texts import power_of_ten as power_of_ten

SHOWN_MIME = "application/vnd.trainphys.shown+json"
_glued: dict[str, Any] = {}  # by the notebook at hand


def glue(**values: Any) -> None:
    """Make values available to this page's prose as ``{glue:text}`name:format` ``.

    NumPy scalars become Python's own, because a format such as ``.2f`` does not work on their text.

    Raises:
        ValueError: a value that is neither a number nor a text.
    """
    for name, value in values.items():
        plain = value.item() if hasattr(value, "item") else value
        if isinstance(plain, bool) or not isinstance(plain, (int, float, str)):
            raise ValueError(f"expected a number or a text for {name}, got {plain!r}")
        _glued[name] = plain
        myst_nb.glue(name, plain, display=False)


def restate(text: str) -> None:
    """Show a text with ``[[name:format]]`` filled by what this run has glued, after a change of parameters too.

    Raises:
        KeyError: a number that was not glued, because a cell above has not run.
    """
    display(Markdown(filled(text, _glued)))  # type: ignore[no-untyped-call]


def shown(phrase: str, holds: Any, check: str) -> str:
    """A phrase that generalises, such as "in every case": only if the run shows it.

    Findings, captions and the like may not type best, never, all or only; they take such words from here.

    Args:
        phrase: the words of the sentence that generalise.
        holds: what the run says.
        check: what was checked, in words; the book lists it beside the phrase.

    Raises:
        ValueError: the run does not show it.
    """
    if not bool(holds) and not bend.active():
        raise ValueError(f"expected the run to show {phrase!r}, but this is not so: {check}")
    record = {SHOWN_MIME: {"phrase": phrase, "check": check}, "text/plain": ""}
    display(record, raw=True)  # type: ignore[no-untyped-call]
    return phrase
