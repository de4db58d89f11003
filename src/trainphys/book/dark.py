"""A figure for pages in dark mode: the same drawing, with light lines on the page's dark ground."""

import re

GROUND = "#121212"  # of a dark page in the theme
COLOURS = {
    "#ffffff": GROUND,
    "#000000": "#e6e6e6",
    "#222222": "#e6e6e6",
    "#262626": "#d5d9de",
    "#595959": "#b4bac2",
    "#e6e6e6": "#343b45",
    "#0173b2": "#56b4e9",
    "#d55e00": "#f5893d",
    "#029e73": "#3fc69a",
    "#4477aa": "#7fb0e6",
    "#aa3377": "#e58ab8",
    "#228833": "#6ccf7f",
}
COLOUR = re.compile("|".join(COLOURS))


def dark(svg: str) -> str:
    """The drawing in colours for a dark page; empty for a heat map, whose labels are chosen for its own colours.

    >>> dark('<svg xmlns="x"><path style="fill: #ffffff; stroke: #262626"/></svg>')
    '<svg fill="#e6e6e6" xmlns="x"><path style="fill: #121212; stroke: #d5d9de"/></svg>'
    >>> dark('<svg><g id="QuadMesh_1"/></svg>')
    ''
    """
    if "<image" in svg or "QuadMesh" in svg:
        return ""
    changed = COLOUR.sub(lambda match: COLOURS[match[0]], svg)
    return changed.replace("<svg ", f'<svg fill="{COLOURS["#000000"]}" ', 1)  # what has no colour is black
