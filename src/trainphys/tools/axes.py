"""Axes to draw on: those that are given, or new ones; matplotlib is loaded here, and nowhere before."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Axes


def given_or_new(ax: Axes | None) -> Axes:
    """The axes, or those of a new figure in whatever style the caller has set.

    >>> given_or_new(None).get_title()
    ''
    """
    return new()[0] if ax is None else ax


def new(columns: int = 1, **settings: Any) -> list[Axes]:
    """Axes side by side in a new figure, with what ``subplots`` takes; a sentence that cures where there are none.

    >>> len(new(2, figsize=(6, 3)))
    2
    """
    try:
        from matplotlib import pyplot as plt
    except ModuleNotFoundError as error:
        cure = import_module("trainphys.extras").cure(error, "plot()")
        raise ModuleNotFoundError(cure, name=error.name) from error
    return list(plt.subplots(1, columns, squeeze=False, **settings)[1][0])
