"""The card that the page on verdicts explains: a made-up claim, so that nobody takes it for a result."""

from pathlib import Path

from docutils import nodes

from trainphys.book.cards import evidence_table
from trainphys.book.evidence import compare
from trainphys.book.strips import strip
from trainphys.estimate import Estimate


def example(root: Path) -> str:
    """A law that is right for one batch size and a factor of two off for the next."""
    rows = [
        compare("noise of a gradient", {"batch size": 1}, Estimate(0.998, 0.004, 4000), stated=1.0, corrected=1.0),
        compare("noise of a gradient", {"batch size": 4}, Estimate(0.503, 0.002, 4000), stated=0.25, corrected=0.5),
    ]
    evidence = [row.as_json() for row in rows]
    table = "\n".join(evidence_table(evidence, {}))
    picture = f"```{{raw}} html\n{strip(evidence, {})}\n```\n\n"
    text = (
        "**Example fails. Noise of a gradient: measured 0.503, claimed 0.25 (batch size 4).** "
        "The noise of a gradient that is averaged over $B$ samples falls as $1/B$.\n\n"
        "Its variance does. The noise is a standard deviation, and falls as the square root.\n\n"
    )
    return f"{text}{picture}{table}\n\n*Use instead:* noise falls as $1/\\sqrt{{B}}$.\n"


def as_card(children: list[nodes.Node]) -> nodes.container:
    card = nodes.container(classes=["claim-card", "verdict-fails"])
    card += children
    return card
