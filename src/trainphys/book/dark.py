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
FILLED_CONTOURS = re.compile(r'<g id="QuadContourSet[^>]*>\s*<path[^>]*fill: #')
COLOUR = re.compile(r"#[0-9a-f]{6}\b")
READABLE = 4.5  # contrast of a colour with the ground, as WCAG asks it of text


def dark(svg: str) -> str:
    """The drawing in colours for a dark page; empty for a heat map, whose labels are chosen for its own colours.

    >>> dark('<svg xmlns="x"><path style="fill: #ffffff; stroke: #262626"/></svg>')
    '<svg fill="#e6e6e6" xmlns="x"><path style="fill: #121212; stroke: #d5d9de"/></svg>'
    >>> dark('<svg><g id="QuadMesh_1"/></svg>'), dark('<svg><g id="QuadContourSet_1"> <path style="fill: #440154"/>')
    ('', '')
    """
    if "<image" in svg or "QuadMesh" in svg or FILLED_CONTOURS.search(svg):
        return ""
    changed = COLOUR.sub(lambda match: on_dark(match[0]), svg)
    return changed.replace("<svg ", f'<svg fill="{COLOURS["#000000"]}" ', 1)  # what has no colour is black


def on_dark(colour: str) -> str:
    """The colour for a dark page: by the list; a grey turned over; any other one mixed with white until it is readable.

    >>> on_dark("#d55e00"), on_dark("#666666"), on_dark("#ededed")
    ('#f5893d', '#919191', '#212121')
    >>> on_dark("#fde725"), contrast(on_dark("#440154"), GROUND) > 4.5
    ('#fde725', True)
    """
    if colour in COLOURS:
        return COLOURS[colour]
    red, green, blue = rgb(colour)
    if red == green == blue:
        return "#" + 3 * f"{round(0x12 + (0xE6 - 0x12) * (255 - red) / 255):02x}"
    while contrast(colour, GROUND) < READABLE:
        colour = "#" + "".join(f"{value + max(1, (255 - value) // 10):02x}" for value in rgb(colour))
    return colour


def rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, from 1 to 21, by WCAG 2.

    >>> contrast("#ffffff", "#000000"), contrast("#777777", "#777777")
    (21.0, 1.0)
    """
    dim, bright = sorted((_luminance(one), _luminance(other)))
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: str) -> float:
    parts = [v / 255 for v in rgb(colour)]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
