"""The one way a picture gets into the book: named, captioned, described, with its data."""

import base64
import io
import re
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import pandas as pd
import seaborn as sns
from IPython.display import display
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.text import Text

from trainphys.book import drawn
from trainphys.book.mime import FIGURE_MIME

NAME = re.compile(r"(power|cooling|distance)-[0-9a]+-[a-z0-9-]+")
UNSAID = re.compile(r"\b(True|False|nan|inf)\b")  # what an f-string says of a value that is no number
# Stable bytes: no date, no random ids.
mpl.rcParams["svg.hashsalt"] = "trainphys"
SVG_METADATA = {"Date": None}
PDF_METADATA = {"CreationDate": None}
STYLE = {
    "figure.figsize": (7.0, 4.0),
    "figure.facecolor": "white",
    "axes.titlesize": "medium",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "savefig.bbox": "tight",
    "savefig.facecolor": "white",
}
sns.set_theme(style="ticks", palette="colorblind", rc=STYLE)


def palette() -> dict[str, str]:
    """One colour for each role, the same in every figure, told apart by colour-blind readers.

    >>> sorted(palette())
    ['corrected', 'measured', 'other', 'stated']
    """
    colours = sns.color_palette("colorblind").as_hex()
    return {"stated": colours[3], "corrected": colours[0], "measured": "#222222", "other": colours[2]}


def figure(
    name: str,
    fig: Figure,
    *,
    data: pd.DataFrame,
    caption: str,
    alt: str,
    claims: Sequence[str] = (),
    runs: pd.DataFrame | None = None,
) -> None:
    """Show a figure and keep it with its data: SVG, PDF, PNG, CSV, numbered, with anchor ``name``.

    Args:
        name: stable name ``part-section-subject``; file name and anchor of the figure for good.
        fig: the matplotlib figure; it is closed.
        data: what is drawn, one row a point, a column a variable.
        caption: one or two sentences in MyST Markdown; what is shown.
        alt: what the picture shows, for those who cannot see it: the finding, in words.
        claims: ids of the claims that the figure is evidence for.
        runs: the single runs behind the data, for a second CSV.

    Raises:
        ValueError: a name out of pattern, a missing or path-like alt text, an empty caption, no data, or data that do
            not hold all that is drawn.
    """
    _check(name, data, caption, alt)
    if lost := drawn.missing(fig, data):
        raise ValueError(
            f"expected all that {name} draws in data=, got none of {'; '.join(lost[:5])}: add it, or call a line that "
            f"is no data {drawn.GUIDE!r} (gid={drawn.GUIDE!r})"
        )
    files = {
        "svg": _saved(fig, "svg", SVG_METADATA),
        "pdf": _saved(fig, "pdf", PDF_METADATA),
        "png": _saved(fig, "png"),
    }
    label = min((text.get_fontsize() for text in fig.findobj(Text) if text.get_text().strip()), default=0.0)
    plt.close(fig)
    record: dict[str, Any] = {
        "name": name,
        "caption": " ".join(caption.split()),
        "alt": " ".join(alt.split()),
        "claims": list(claims),
        "csv": _csv(data),
        "runs": "" if runs is None else _csv(runs),
        "label": float(label),  # the smallest one, in points
        "svg": files["svg"].decode(),
        "pdf": base64.b64encode(files["pdf"]).decode(),
    }
    bundle = {FIGURE_MIME: record, "image/png": base64.b64encode(files["png"]).decode(), "text/plain": alt}
    display(bundle, raw=True)  # type: ignore[no-untyped-call]


def _check(name: str, data: pd.DataFrame, caption: str, alt: str) -> None:
    if not NAME.fullmatch(name):
        raise ValueError(f"expected a figure name such as power-7-crossover, got {name!r}")
    if len(alt.split()) < 6 or "/" in alt.split()[0] or re.search(r"\.(png|svg|pdf)\b", alt):
        raise ValueError(f"expected alt text that states the finding of {name} in a sentence, got {alt!r}")
    if found := UNSAID.search(f"{caption} {alt}"):
        raise ValueError(f"expected words and numbers in caption and alt text of {name}, got {found[0]!r}")
    if not caption.strip():
        raise ValueError(f"expected a caption for {name}, got none")
    if not len(data):
        raise ValueError(f"expected the data behind {name}, got an empty table")


def _csv(table: pd.DataFrame) -> str:
    return table.to_csv(index=False, float_format="%.8g", lineterminator="\n")


def _saved(fig: Figure, kind: str, metadata: dict[str, Any] | None = None) -> bytes:
    buffer = io.BytesIO()
    fig.savefig(buffer, format=kind, metadata=metadata, dpi=160)
    return buffer.getvalue()
