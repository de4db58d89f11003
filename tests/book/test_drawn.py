"""A figure's table holds what the figure draws, artist by artist."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from trainphys.book import drawn, figure

X = np.linspace(0.0, 1.0, 7)
TABLE = pd.DataFrame({"x": X, "y": np.sqrt(X + 0.1)})
DRAWN = {
    "a line": lambda ax, y: ax.plot(X, y),
    "points": lambda ax, y: ax.scatter(X, y),
    "bars": lambda ax, y: ax.bar(range(7), y),
    "lying bars": lambda ax, y: ax.barh(range(7), y),
    "an error bar": lambda ax, y: ax.errorbar(X, y, yerr=0.1),
    "a band": lambda ax, y: ax.fill_between(X, y, TABLE.y),
    "a picture": lambda ax, y: ax.imshow(np.array([y])),
    "a mesh": lambda ax, y: ax.pcolormesh(np.array([y])),
    "stems": lambda ax, y: ax.vlines(X, y, TABLE.y),
}


@pytest.mark.parametrize("kind", DRAWN)
def test_what_is_in_the_table_may_be_drawn_and_what_is_not_is_found(kind):
    for shift, found in ((0.0, False), (0.01, True)):
        fig, ax = plt.subplots()
        DRAWN[kind](ax, TABLE.y + shift)
        if "bars" in kind:
            (ax.set_xticks if kind == "bars" else ax.set_yticks)(range(7), list("abcdefg"))
        assert bool(drawn.missing(fig, TABLE)) == found, drawn.missing(fig, TABLE)
        plt.close(fig)


def test_guides_need_no_table():
    fig, ax = plt.subplots()
    ax.axhline(0.37)
    ax.axvline(0.41)
    ax.axhspan(0.2, 0.3)
    ax.plot([0.0, 5.0], [0.0, 5.0], gid=drawn.GUIDE)
    assert drawn.missing(fig, TABLE) == []
    plt.close(fig)


def test_every_panel_is_looked_at_and_the_figure_is_refused():
    fig, (_, below) = plt.subplots(2)
    below.plot(X, TABLE.y + 1, label="twice")
    with pytest.raises(ValueError, match="panel 1, line 'twice'"):
        figure("power-7-toy", fig, data=TABLE, caption="Toy.", alt="A line that rises with the root of x.")
    plt.close(fig)
