"""What keeping the starts of lowest loss does, and when the line decides rightly, by exact laws: no run is trained."""

import math
from dataclasses import dataclass

import numpy as np

from trainphys.chapters.distance.c5_applications.smart_starts import starts_of
from trainphys.checks import inside, not_below
from trainphys.laws.contraction import contraction_factor
from trainphys.laws.steps_from_gradient import epochs_from_loss
from trainphys.xor.configurations import Configuration
from trainphys.xor.landscape import loss, solvable

TRAP_DISTANCE = math.sqrt(3.0) / 2.0  # from (0, 0, +-1/2) to either solution, inputs of one


def loss_tolerance(configuration: Configuration) -> float:
    r"""The loss at which runs stop; a stop on a change $\delta$ of the loss is one at $\delta/(k^{-2}-1)$."""
    c = configuration
    k = contraction_factor(c.rate, c.inputs)
    return c.tolerance if c.stop == "loss" else c.tolerance / (k**-2 - 1)


@dataclass(frozen=True, slots=True)
class SelectionLaw:
    """What the exact law says of ranked starts, for full batch on inputs of one: no run is trained.

    Attributes:
        trapped_before: share of all starts in the trapped cones.
        not_slower: share of kept starts that are solved and not slower than a random one, as ``not_slower`` counts.
        yields: solved runs for each epoch of compute, ranked over random. A run that is trapped, or takes longer than
            the configuration's ``max_epochs``, costs so many epochs and is not solved, as in ``yield_ratio``.
    """

    trapped_before: float
    not_slower: float
    yields: float


def selection_law(
    configuration: Configuration, seed: int, *, price: float = 0.0, share: float = 0.1, draws: int = 400_000
) -> SelectionLaw:
    """Cones and logarithms instead of training: what keeping the best starts by loss does, from draws of its own.

    The price of the ranking is in epochs of compute for each kept start.
    """
    c = configuration
    inside(0, 1, share=share)
    not_below(0, price=price)
    if c.method != "full-batch" or c.inputs != 1.0:
        raise ValueError(f"expected full batch on inputs of 1, got {c.method} on {c.inputs}: train instead")
    start = starts_of(c.starts, draws, seed).T
    height, free = loss(start), solvable(start)
    kept = height <= np.quantile(height, share)
    epochs = epochs_from_loss(height, rate=c.rate, tolerance=loss_tolerance(c))
    solved = free & (epochs <= c.max_epochs)
    if not solved.any():
        raise ValueError(f"expected a start that is solved in {c.max_epochs} epochs, got none: raise max_epochs")
    cost = np.where(solved, epochs, c.max_epochs)
    ranked = solved[kept].mean() / (cost[kept].mean() + price)
    times = np.sort(np.where(solved, epochs, np.inf))
    not_later = 1 - np.searchsorted(times, epochs[kept & solved], side="left") / draws
    return SelectionLaw(1 - free.mean(), not_later.sum() / kept.sum(), ranked / (solved.mean() / cost.mean()))


def right_decisions(mean_distance: float, solved_share: float) -> float:
    r"""Share of right decisions by the line in the distance, full batch on inputs of one.

    A trapped run rests at $\sqrt3/2$ from both solutions: the line restarts it when fresh starts lie nearer than that
    on average, and else never, so that it is right for the runs that are solved.

    >>> right_decisions(0.7, 0.6), right_decisions(1.2, 0.6)
    (1.0, 0.6)
    """
    return 1.0 if mean_distance < TRAP_DISTANCE else solved_share
