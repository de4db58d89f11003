"""Starts of the document's model ranked by loss, and trained: what the best share saves, and when it is trapped."""

from dataclasses import dataclass

import numpy as np

from trainphys.arrays import Array, Booleans
from trainphys.ensemble.streams import stream
from trainphys.estimate import Estimate
from trainphys.xor.configurations import Configuration
from trainphys.xor.landscape import loss
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


def ranked_runs(configuration: Configuration, starts: int, seed: int, *, share: float = 0.1) -> RankedRuns:
    """Draw starts, train them all, and mark the share of lowest loss; how the configuration logs does not matter."""
    c = configuration
    if not 1 <= round(share * starts) < starts:
        raise ValueError(f"expected a share that keeps some starts and not all, got {share} of {starts}: draw more")
    start = starts_of(c.starts, starts, seed)
    height = loss(start.T, c.scales)
    kept = np.zeros(starts, dtype=bool)
    kept[np.argsort(height, kind="stable")[: round(share * starts)]] = True
    return RankedRuns(height, _epochs_taken(start, c, seed), kept)


def _epochs_taken(start: Array, configuration: Configuration, seed: int) -> Array:
    """Epochs until the configuration's own rule stops a run near loss 0; infinite for one that is trapped or slow."""
    c, by_loss = configuration, configuration.stop == "loss"
    tolerance = c.tolerance if by_loss else float(np.finfo(float).tiny)  # never reached: all epochs are kept
    found = train(start, rate=c.rate, tolerance=tolerance, max_epochs=c.max_epochs, scales=c.scales,
                  method=c.method, seed=seed)  # fmt: skip
    if by_loss:
        return np.where(found.converged, found.epochs, np.inf)
    height = loss(found.states.transpose(1, 0, 2), c.scales)
    met = np.abs(np.diff(height, axis=0)) < c.tolerance
    solved = met.any(axis=0) & (height[-1] < 0.1)  # a trap, where the loss stands still as well, has 1/4
    return np.where(solved, met.argmax(axis=0) + 1, np.inf)


def not_slower(kept: Array, random: Array, seed: int) -> Estimate:
    """Share of pairs in which the kept start arrives, and not later than a random one; no start is in two pairs.

    A time is infinite for a run that never ends.

    >>> not_slower(np.array([1.0, np.inf]), np.array([3.0, np.inf, 3.0]), seed=0).value
    0.5
    """
    if not (len(kept) and len(random)) or np.isnan(kept).any() or np.isnan(random).any():
        raise ValueError(f"expected times on both sides, got {len(kept)} and {len(random)}: infinite stands for never")
    rng, pairs = stream(seed, "pairs"), min(len(kept), len(random))
    one, other = (rng.permutation(times)[:pairs] for times in (kept, random))
    return Estimate.from_count(int((np.isfinite(one) & (one <= other)).sum()), pairs)


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
