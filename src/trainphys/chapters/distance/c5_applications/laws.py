"""What keeping the starts of lowest loss does, by the exact law: no run is trained."""

from dataclasses import dataclass

import numpy as np

from trainphys.chapters.distance.c5_applications.smart_starts import starts_of
from trainphys.checks import inside, not_below
from trainphys.laws.contraction import contraction_factor
from trainphys.laws.steps_from_gradient import epochs_from_loss
from trainphys.xor.configurations import Configuration
from trainphys.xor.landscape import loss, solvable


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
        not_slower: share of pairs in which the kept start is not the slower one, as ``not_slower`` counts.
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
    # Where a kept start is free but too slow, so is every other one: its loss is higher.
    slower = (1 - solved[kept].mean()) * solved[~kept].mean()
    return SelectionLaw(1 - free.mean(), 1 - slower, ranked / (solved.mean() / cost.mean()))
