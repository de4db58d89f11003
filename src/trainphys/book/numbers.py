"""Numbers for the prose: computed in the run, placed by ``{glue:text}``."""

from typing import Any

import myst_nb


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
        myst_nb.glue(name, plain, display=False)


def power_of_ten(value: float, digits: int = 1) -> str:
    """A number for prose, in Unicode.

    >>> power_of_ten(0.000123)
    '1.2 × 10⁻⁴'
    """
    mantissa, exponent = f"{value:.{digits}e}".split("e")
    return f"{mantissa} × 10{str(int(exponent)).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"
