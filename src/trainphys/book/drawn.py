"""What a figure draws, read from its artists, against the table that is published as its data."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.category import StrCategoryFormatter
from matplotlib.collections import LineCollection, PathCollection, PolyCollection, QuadMesh
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter

from trainphys.arrays import Array

GUIDE = "guide"  # gid of a line that is no data: a diagonal, a threshold that the caption names
PRECISION = 1e-6  # of the table's eight digits


def missing(fig: Figure, data: pd.DataFrame) -> list[str]:
    """Artists with values that the table does not hold, each with its panel, name and first such value."""
    known = np.sort(data.select_dtypes("number").to_numpy(float).ravel())
    known = known[np.isfinite(known)]
    found = []
    for number, axes in enumerate(fig.axes):
        for name, axis, values in _coordinates(axes):
            lost = np.empty(0) if _is_layout(axis) else _not_in(known, values)
            if len(lost):
                found.append(f"panel {number}, {name}: {lost[0]:.8g} and {len(lost) - 1} more")
    return found


def _is_layout(axis: Axis) -> bool:
    """Whether positions on an axis stand for words."""
    return isinstance(axis.get_major_formatter(), (FixedFormatter, StrCategoryFormatter))


def _not_in(known: Array, values: Array) -> Array:
    values = values[np.isfinite(values)]
    if not len(values) or not len(known):
        return values
    right = np.clip(np.searchsorted(known, values), 0, len(known) - 1)
    near = np.minimum(abs(known[right] - values), abs(known[np.maximum(right - 1, 0)] - values))
    scale = np.maximum(abs(values), PRECISION * np.ptp(values))  # a zero may be written as 1e-17
    return values[near > PRECISION * scale]


def _in_data(artist: Artist, axes: Axes) -> bool:
    """False for lines across a whole panel (``axhline``) and for what is placed by the panel's own measure."""
    return all(artist.get_transform().contains_branch_seperately(axes.transData))


def _plain(values: Any) -> Array:
    """Numbers without their mask."""
    return np.asarray(np.ma.filled(np.ma.asarray(values, float), np.nan)).ravel()


def _coordinates(axes: Axes) -> Iterator[tuple[str, Axis, Array]]:
    """Every coordinate that an artist takes from data, with the axis that it lies on."""
    bars = [container for container in axes.containers if isinstance(container, ErrorbarContainer)]
    apart = {id(line) for bar in bars for line in (*bar.lines[1], *bar.lines[2])}  # caps and bars of errors
    for line in axes.lines:
        if id(line) not in apart and line.get_gid() != GUIDE and _in_data(line, axes):
            name = f"line {line.get_label()!r}"
            yield name, axes.xaxis, _plain(line.get_xdata(orig=False))
            yield name, axes.yaxis, _plain(line.get_ydata(orig=False))
    for container in axes.containers:
        if isinstance(container, BarContainer):
            upright = container.orientation != "horizontal"
            ends = [bar.get_y() + bar.get_height() if upright else bar.get_x() + bar.get_width() for bar in container]
            yield "bars", axes.yaxis if upright else axes.xaxis, np.array(ends)
    for collection in axes.collections:
        if id(collection) in apart or collection.get_gid() == GUIDE:
            continue
        name = f"{type(collection).__name__} {collection.get_label()!r}"
        if isinstance(collection, PathCollection):
            offsets = np.asarray(collection.get_offsets())
            yield name, axes.xaxis, offsets[:, 0]
            yield name, axes.yaxis, offsets[:, 1]
        elif isinstance(collection, (PolyCollection, LineCollection)):
            points = np.concatenate([path.vertices for path in collection.get_paths()] or [np.empty((0, 2))])
            yield name, axes.yaxis, points[:, 1]
        elif isinstance(collection, QuadMesh):
            yield name, axes.yaxis, _plain(collection.get_array())
    for image in axes.images:
        yield "image", axes.yaxis, _plain(image.get_array())
