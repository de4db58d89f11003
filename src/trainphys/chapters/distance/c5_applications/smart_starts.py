"""Starts of the document's model ranked by their loss: what the best share saves, and when it is trapped."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trainphys.arrays import Array, Booleans
from trainphys.checks import at_least, inside
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
    """Starts, their losses, and the epochs that each takes.

    Attributes:
        loss: at the start, shape (starts,).
        epochs: until the loss is below the tolerance; infinite when it never is, shape (starts,).
        kept: whether the start is among the best share by loss, shape (starts,).
    """

    loss: Array
    epochs: Array
    kept: Booleans

    @property
    def trapped(self) -> Booleans:
        return np.isinf(self.epochs)


def starts_of(kind: str, starts: int, seed: int) -> Array:
    r"""As ``draw_starts``, with one kind more: ``small weights, large bias``, weights of 0.05, bias uniform in $\pm1$.

    Raises:
        ValueError: an unknown kind or no starts.

    >>> starts_of("small weights, large bias", 2, seed=0).shape
    (2, 3)
    """
    at_least(1, starts=starts)
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
    """Draw starts, train them all, and mark those of lowest loss.

    Args:
        configuration: its kind of starts, rate, tolerance, inputs and method; how it logs does not matter.
        starts: number of starts, >= 10.
        seed: root seed, >= 0.
        share: share that is kept, in (0, 1).

    Raises:
        ValueError: an argument out of range.
    """
    c = configuration
    at_least(10, starts=starts)
    inside(0, 1, share=share)
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

    Args:
        kept: times of the kept starts, infinite for never.
        passed_over: times of others.
        seed: root seed of the pairing, >= 0.

    Raises:
        ValueError: no pair, or times that are not numbers.

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
    ranking for each of the $K$ kept starts.

    Args:
        kept: epochs of the kept starts, infinite for never, shape (K,).
        random: epochs of independent random starts.
        price: $\pi$ in epochs of compute, >= 0.
        cap: epochs after which a run is given up, > 0.

    Raises:
        ValueError: no random start is solved, or an argument out of range.
    """
    if not (price >= 0 and cap > 0 and (random <= cap).any()):
        raise ValueError(f"expected price >= 0, cap > 0 and a solved random start, got {price=}, {cap=}: raise the cap")
    value, relative = 1.0, 0.0
    for times, extra, power in ((kept, price, 1), (random, 0.0, -1)):
        solved, cost = (times <= cap).astype(float), np.minimum(times, cap) + extra
        if not solved.any():  # then an upper bound from the count alone is the error
            none = Estimate.from_count(0, len(times)).stderr
            return Estimate(
                0.0, none / cost.mean() * np.minimum(random, cap).mean() / (random <= cap).mean(), len(times)
            )
        value *= (solved.mean() / cost.mean()) ** power
        relative += float(np.var(solved / solved.mean() - cost / cost.mean(), ddof=1)) / len(times)
    return Estimate(value, value * relative**0.5, len(kept), min(len(kept), len(random)) - 1)


@dataclass(frozen=True, slots=True)
class SelectionLaw:
    """What the exact law says of ranked starts, for full batch on inputs of one: no run is trained.

    Attributes:
        cutoff: loss of the worst kept start.
        trapped_before: share of all starts in the trapped cones.
        trapped_kept: share of the kept starts in them.
        not_slower: share of pairs in which the kept start is not the slower one, as ``not_slower`` counts.
        yields: solved runs for each epoch of compute, ranked over random. A run that is trapped, or takes longer than
            the configuration's ``max_epochs``, costs so many epochs and is not solved, as in ``yield_ratio``.
    """

    cutoff: float
    trapped_before: float
    trapped_kept: float
    not_slower: float
    yields: float


def selection_law(
    configuration: Configuration, seed: int, *, price: float = 0.0, share: float = 0.1, draws: int = 400_000
) -> SelectionLaw:
    """Cones and logarithms instead of training: what keeping the best starts by loss does.

    Args:
        configuration: full batch, inputs of one.
        seed: root seed of the draws; use another one than for the runs.
        price: of the ranking for each kept start, epochs of compute, >= 0.
        share: share that is kept, in (0, 1).
        draws: starts that the averages are taken over.

    Raises:
        ValueError: another method or other inputs, for which the law is not exact; no start that is solved in time.
    """
    c = configuration
    inside(0, 1, share=share)
    at_least(10, draws=draws)
    if not (price >= 0 and np.isfinite(price)):
        raise ValueError(f"expected a finite price >= 0, got {price}: epochs of compute for each kept start")
    if c.method != "full-batch" or c.inputs != 1.0:
        raise ValueError(f"expected full batch on inputs of 1, got {c.method} on {c.inputs}: train instead")
    start = starts_of(c.starts, draws, seed).T
    height, free = loss(start), solvable(start)
    cutoff = float(np.quantile(height, share))
    kept = height <= cutoff
    epochs = epochs_from_loss(height, rate=c.rate, tolerance=loss_tolerance(c))
    solved = free & (epochs <= c.max_epochs)
    if not solved.any():
        raise ValueError(f"expected a start that is solved in {c.max_epochs} epochs, got none: raise max_epochs")
    cost = np.where(solved, epochs, c.max_epochs)
    ranked = solved[kept].mean() / (cost[kept].mean() + price)
    # Where a kept start is free but too slow, so is every other one: its loss is higher.
    slower = (1 - solved[kept].mean()) * solved[~kept].mean()
    return SelectionLaw(
        cutoff, 1 - free.mean(), 1 - free[kept].mean(), 1 - slower, ranked / (solved.mean() / cost.mean())
    )  # fmt: skip
