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


def drawn_by(draw, table=TABLE):
    """What is found missing after drawing into one panel."""
    fig, ax = plt.subplots()
    draw(ax)
    found = drawn.missing(fig, table)
    plt.close(fig)
    return found


def test_each_coordinate_of_a_line_and_of_points_counts():
    for kind in ("plot", "scatter"):
        assert len(drawn_by(lambda ax, kind=kind: getattr(ax, kind)(X + 0.011, TABLE.y))) == 1
        assert len(drawn_by(lambda ax, kind=kind: getattr(ax, kind)(X + 0.011, TABLE.y + 7))) == 2


def test_the_first_value_that_is_lost_is_named_and_the_others_are_counted():
    y = TABLE.y.to_numpy().copy()
    y[[2, 5]] += 0.5
    assert drawn_by(lambda ax: ax.plot(X, y, label="a")) == [f"panel 0, line 'a': {y[2]:.8g} and 1 more"]


def test_values_are_compared_as_the_table_writes_them():
    """To one part in a million of each, and zeros to one in a million millions of the range."""
    table = pd.DataFrame({"x": [1.0, 2.0, 3e-5, 0.0], "y": [1e9, np.inf, np.nan, 5.0], "name": list("abcd")})
    for y, lost in (
        ([1.0 + 0.9e-6, 2.0, 5.0], 0),
        ([1.0 + 1.1e-6, 2.0, 5.0], 1),
        ([2.0 - 1.8e-6, 2.0 - 2.2e-6, 1.0], 1),
        ([1e9 + 900, 1e9 + 1100], 1),
        ([3e-5 + 2e-11], 0),
        ([3e-5 + 4e-11], 1),
        ([1e-17, 5.0], 0),
        ([4e-12, 5.0], 0),
        ([6e-12, 5.0], 1),
        ([1e-17], 1),
        ([np.nan, np.inf, 1.0], 0),
        ([np.nan], 0),
        ([7e9], 1),
    ):
        assert len(drawn._not_in(np.sort([0.0, 1.0, 2.0, 3e-5, 1e9, 5.0]), np.array(y))) == lost, y
    assert drawn_by(lambda ax: ax.plot([1.0, 2.0], [1e9, 5.0]), table) == []
    assert len(drawn_by(lambda ax: ax.plot([1.0], [2.0]), table[["name"]])) == 2
    assert drawn_by(lambda ax: ax.plot([np.nan], [np.nan]), table[["name"]]) == []


def test_error_bars_are_no_data_but_their_points_are():
    bars = {"yerr": 0.123, "xerr": 0.077, "capsize": 3}
    assert drawn_by(lambda ax: ax.errorbar(X, TABLE.y, **bars)) == []
    assert len(drawn_by(lambda ax: ax.errorbar(X, TABLE.y + 9, **bars))) == 1


def test_axes_of_words_have_no_numbers():
    assert drawn_by(lambda ax: ax.scatter(["a", "b"], TABLE.y[:2])) == []
    assert drawn_by(lambda ax: ax.plot(["a", "b"], TABLE.y[:2])) == []
    assert drawn_by(lambda ax: ax.plot(TABLE.y[:2], ["a", "b"])) == []
    for kind in ("bar", "barh"):
        assert drawn_by(lambda ax, kind=kind: getattr(ax, kind)(["a", "b"], TABLE.y[:2])) == []
        (found,) = drawn_by(lambda ax, kind=kind: getattr(ax, kind)(["a", "b"], [7.0, 8.0]))
        assert found == "panel 0, bars: 7 and 1 more"
    assert len(drawn_by(lambda ax: ax.scatter([7.7, 8.8], TABLE.y[:2]))) == 1


def test_bars_count_by_where_they_end():
    first, second = TABLE.y[1], TABLE.y[2]
    assert drawn_by(lambda ax: ax.bar([0], [second - first], bottom=[first])) == []
    assert drawn_by(lambda ax: ax.barh([0], [second - first], left=[first])) == []
    assert len(drawn_by(lambda ax: ax.bar([0], [second], bottom=[first]))) == 1
    assert len(drawn_by(lambda ax: ax.barh([0], [second], left=[first]))) == 1


def test_what_is_masked_is_not_drawn_and_a_guide_may_be_an_area():
    masked = np.ma.masked_array(np.array([TABLE.y + 0.0]), mask=[[False] * 6 + [True]])
    masked.data[0, 6] = 77.0
    assert drawn_by(lambda ax: ax.imshow(masked)) == []
    assert drawn_by(lambda ax: ax.fill_between(X, TABLE.y + 3, 0.2, gid=drawn.GUIDE)) == []
    assert drawn_by(lambda ax: ax.fill_between([], [], [])) == []
    assert drawn_by(lambda ax: ax.plot([0.1, 0.9], [0.33, 0.44], transform=ax.transAxes)) == []
