"""Which runs converge, counted: the share of full-batch runs that reach loss zero, or stop on the way to it."""

import math

import numpy as np

from trainphys.checks import positive
from trainphys.estimate import Estimate
from trainphys.xor.configurations import Configuration, trace_pieces
from trainphys.xor.epoch_counts import count_epochs
from trainphys.xor.landscape import solvable
from trainphys.xor.starts import draw_starts

LEAST = 1000  # epochs that every run has


def converged_share(
    kind: str, *, rate: float, runs: int, seed: int, cone: bool | None = None, tolerance: float = 1e-7
) -> Estimate:
    r"""Share of full-batch runs on inputs of one that reach loss zero, to the tolerance.

    ``cone`` keeps only the starts inside (True) or outside (False) the solvable cone. A run that takes more than
    $\max[1000,\ln(1/\varepsilon)/2\eta]$ epochs counts as one that never arrives.

    >>> converged_share("pytorch, zero bias", rate=0.1, runs=500, seed=0).value
    1.0
    """
    starts = draw_starts(kind, runs, seed)
    if cone is not None:
        starts = starts[solvable(starts.T) == cone]
    if not len(starts):
        raise ValueError(f"expected starts {'inside' if cone else 'outside'} the cone, got none of {kind!r}")
    positive(rate=rate, tolerance=tolerance)
    longest = max(LEAST, round(-math.log(tolerance) / (2 * rate)))
    epochs = count_epochs(starts, rate=rate, tolerance=tolerance, max_epochs=longest)
    return Estimate.from_count(int(np.isfinite(epochs).sum()), len(starts))


def solved_and_stopped(configuration: Configuration, runs: int, seed: int) -> tuple[Estimate, Estimate]:
    """Share of runs that stop by the configuration's own rule, and share of those that stop on the way to a solution.

    A run is on its way to the minimum of the cone that its last state lies in, however early its rule stops it.
    """
    stopped = solved = 0
    for done in trace_pieces(configuration, runs, seed):
        stopped += int(done.converged.sum())
        solved += int(solvable(done.last[:, done.converged], configuration.scales).sum())
    return Estimate.from_count(stopped, runs), Estimate.from_count(solved, stopped)
