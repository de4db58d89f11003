"""How easily a printed score is met: the share of all scores that some reading of a row would have passed."""

import numpy as np

from trainphys.arrays import Array


def chance_of_a_hit(scores: list[Array], low: float, high: float, spread: float, spreads: float = 2.0) -> float:
    r"""Chance that a score drawn at random meets one of several readings, each within some spreads of its mean.

    The score is drawn so that $\ln(1-R^2)$ is uniform between its values at ``high`` and ``low``: scores crowd towards
    one, so that halving the error counts alike everywhere. The chance is the covered share of that range.

    Args:
        scores: of each reading, one a report.
        low: smallest score that is drawn.
        high: largest score that is drawn, < 1.
        spread: standard deviation of $\ln(1-R^2)$ between reports.
        spreads: how many of them a hit may be off.

    >>> round(chance_of_a_hit([np.array([0.9])], low=0.0, high=0.99, spread=np.log(10) / 4), 12)
    0.5
    """
    first, last = np.log(1.0 - high), np.log(1.0 - low)
    centres = np.sort([np.log(1.0 - s).mean() for s in scores])
    covered, end = 0.0, first
    for centre in centres:
        start, stop = max(centre - spreads * spread, end), min(centre + spreads * spread, last)
        covered += max(stop - start, 0.0)
        end = max(end, stop)
    return float(covered / (last - first))


def chance_when_tuned(scores: list[Array], low: float, high: float, spread: float, spreads: float = 2.0) -> float:
    """The same chance when settings move a score continuously: everything between two readings is within reach."""
    ends = [np.log(1.0 - s).mean() for s in scores]
    first, last = np.log(1.0 - high), np.log(1.0 - low)
    start, stop = max(min(ends) - spreads * spread, first), min(max(ends) + spreads * spread, last)
    return float(max(stop - start, 0.0) / (last - first))
