"""Starts of the document's model ranked by their loss: what the best share saves, and when it is trapped."""

from dataclasses import dataclass

import numpy as np

from trainphys.arrays import Array, Booleans
from trainphys.checks import inside, not_below
from trainphys.ensemble.streams import stream
from trainphys.estimate import Estimate
from trainphys.laws.contraction import contraction_factor
from trainphys.laws.steps_from_gradient import epochs_from_loss
from trainphys.xor.configurations import Configuration
from trainphys.xor.landscape import loss, solvable
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train

LARGE_BIAS = "small weights, large bias"


@dataclass(frozen=True, slots=True)
class RankedRuns:
    """Starts, their losses, and the epochs that each takes."""

    loss: Array  # at the start, shape (starts,)
    epochs: Array  # until the loss is below the tolerance; infinite when it never is, shape (starts,)
    kept: Booleans  # whether the start is among the best share by loss, shape (starts,)

    @property
    def trapped(self) -> Booleans:
        return np.isinf(self.epochs)


def starts_of(kind: str, starts: int, seed: int) -> Array:
    r"""As ``draw_starts``, with one kind more: ``small weights, large bias``, weights of 0.05, bias uniform in $\pm1$.

    >>> starts_of("small weights, large bias", 2, seed=0).shape
    (2, 3)
    """
    if kind != LARGE_BIAS:
        return draw_starts(kind, starts, seed)
    rng = stream(seed, kind)
    return np.column_stack([0.05 * rng.standard_normal((starts, 2)), rng.uniform(-1, 1, starts)])


def loss_tolerance(configuration: Configuration) -> float:
    r"""The loss at which runs stop; a stop on a change $\delta$ of the loss is one at $\delta/(k^{-2}-1)$."""
    c = configuration
    k = contraction_factor(c.rate, c.inputs)
    return c.tolerance if c.stop == "loss" else c.tolerance / (k**-2 - 1)


def ranked_runs(configuration: Configuration, starts: int, seed: int, *, share: float = 0.1) -> RankedRuns:
    """Draw starts, train them all, and mark the share of lowest loss; how the configuration logs does not matter."""
    c = configuration
    if not 1 <= round(share * starts) < starts:
        raise ValueError(f"expected a share that keeps some starts and not all, got {share} of {starts}: draw more")
    start = starts_of(c.starts, starts, seed)
    found = train(start, rate=c.rate, tolerance=loss_tolerance(c), max_epochs=c.max_epochs, scales=c.scales,
                  method=c.method, seed=seed)  # fmt: skip
    height = loss(start.T, c.scales)
    kept = np.zeros(starts, dtype=bool)
    kept[np.argsort(height, kind="stable")[: round(share * starts)]] = True
    return RankedRuns(height, np.where(found.converged, found.epochs, np.inf), kept)


def not_slower(kept: Array, passed_over: Array, seed: int) -> Estimate:
    """Share of pairs in which the kept start takes no more epochs than the one passed over; no start is in two pairs.

    A time is infinite for a run that never ends.

    >>> not_slower(np.array([1.0, np.inf]), np.array([3.0, np.inf, 3.0]), seed=0).n
    2
    """
    if not (len(kept) and len(passed_over)) or np.isnan(kept).any() or np.isnan(passed_over).any():
        raise ValueError(
            f"expected times on both sides, got {len(kept)} and {len(passed_over)}: infinite stands for never"
        )
    rng, pairs = stream(seed, "pairs"), min(len(kept), len(passed_over))
    one, other = (rng.permutation(times)[:pairs] for times in (kept, passed_over))
    return Estimate.from_count(int((one <= other).sum()), pairs)


def yield_ratio(kept: Array, random: Array, *, price: float, cap: float) -> Estimate:
    r"""Solved runs for each epoch of compute, from ranked starts over that from random ones.

    $$ Y = \frac{S_k/(C_k+K\pi)}{S_r/C_r} , $$

    with $S$ runs solved, $C$ epochs trained (a run that does not end is stopped at the cap) and $\pi$ the price of the
    ranking for each of the $K$ kept starts. The epochs are infinite for runs that never end.
    """
    if not (random <= cap).any():
        raise ValueError(f"expected a random start that is solved, got none in {cap} epochs: raise the cap")
    ranked, blind = (
        Estimate.ratio_of_paired(times <= cap, np.minimum(times, cap) + extra)
        for times, extra in ((kept, price), (random, 0.0))
    )
    if ranked.value == 0:  # then an upper bound from the count alone is the error
        ranked = Estimate.from_count(0, len(kept)) / float((np.minimum(kept, cap) + price).mean())
    return ranked / blind


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
