"""What a solver's grid and steps leave open: the change when both are halved."""

from __future__ import annotations

from collections.abc import Callable

from trainphys.estimate import Estimate


def halved(measure: Callable[[int, int], float], cells: int, steps: int) -> Estimate:
    """A number from a run on a grid, with its change on halving cells and steps as its error.

    For a scheme of first order or better the change is at least the error that is left.

    Args:
        measure: the number, from cells and time steps.
        cells: cells of the finer grid, even.
        steps: time steps of the finer run, even.

    >>> round(halved(lambda cells, steps: 1 + 1 / cells + 1 / steps, 100, 100).tolerance(), 9)
    0.02
    """
    fine, coarse = (float(measure(cells // k, steps // k)) for k in (1, 2))
    return Estimate.from_solver(fine, error=abs(fine - coarse))
