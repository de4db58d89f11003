r"""Two ReLU units on centred XOR: tied to look both ways they are $|w\cdot x+b|$; free, each learns its own side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array, Booleans, Integers
from trainphys.checks import at_least, finite, positive
from trainphys.xor.landscape import SIGNS, TARGETS

SAMPLES = np.column_stack([SIGNS, np.ones(4)])


@dataclass(frozen=True, slots=True)
class TwoSidedRuns:
    """Full-batch runs of two ReLU units.

    Attributes:
        states: parameters before each epoch, shape (epochs + 1, runs, units, 3); a run repeats its last state.
        epochs: until the loss was below the tolerance, shape (runs,).
        converged: whether it was, shape (runs,).
        active: for each run, the largest number of samples on which one unit is active at the end, shape (runs,).
    """

    states: Array
    epochs: Integers
    converged: Booleans
    active: Integers

    def to_last(self) -> tuple[Integers, Array, Integers]:
        """Run, distance to the run's last parameters and epochs remaining of each state of the runs that converged."""
        kept = np.flatnonzero(self.converged & (self.epochs > 1))
        run = np.repeat(kept, self.epochs[kept])
        epoch = np.concatenate([np.arange(n) for n in self.epochs[kept]])
        gap = self.states[epoch, run] - self.states[-1, run]
        return run, np.sqrt((gap**2).sum(axis=(1, 2))), self.epochs[run] - epoch

    def slowdown(self) -> Array:
        """First step over last step of each run that converged."""
        steps = np.sqrt((np.diff(self.states, axis=0) ** 2).sum(axis=(2, 3)))
        kept = np.flatnonzero(self.converged & (self.epochs > 1))
        return np.asarray(steps[0, kept] / steps[self.epochs[kept] - 1, kept])

    def last_factor(self) -> Array:
        """Last step over the step before it, of each run that converged."""
        steps = np.sqrt((np.diff(self.states, axis=0) ** 2).sum(axis=(2, 3)))
        kept = np.flatnonzero(self.converged & (self.epochs > 1))
        return np.asarray(steps[self.epochs[kept] - 1, kept] / steps[self.epochs[kept] - 2, kept])


def free_unit_factor(active: ArrayLike, rate: float) -> Array:
    r"""Factor by which an epoch shrinks the slowest error of a free ReLU unit, by the samples it is active on.

    The error of the outputs obeys $r\leftarrow(I-\tfrac\eta2G)r$ with the Gram matrix $G$ of the active rows
    $(x_i,1)$. Alone, the unit's own sample has $G=3$; with one neighbour the smaller eigenvalue is 2, with both 1:
    $$ k=1-\tfrac\eta2(4-m) . $$ A tied unit has $1-2\eta$.

    Args:
        active: number m of active samples, 1 to 3, one of them the unit's target.
        rate: learning rate, in (0, 2/5).

    Raises:
        ValueError: an argument out of range.

    >>> free_unit_factor([1, 2, 3], rate=0.1).tolist()
    [0.85, 0.9, 0.95]
    """
    m = np.asarray(active, dtype=float)
    if not (((m == 1) | (m == 2) | (m == 3)).all() and 0 < rate < 0.4):
        raise ValueError(f"expected 1 to 3 active samples and 0 < rate < 0.4, got {active!r} and {rate}")
    return np.asarray(1.0 - 0.5 * rate * (4.0 - m))


def train_two_sided(
    starts: ArrayLike, *, rate: float, tolerance: float, max_epochs: int, tied: bool = False
) -> TwoSidedRuns:
    r"""Full-batch descent on the mean squared error of $\mathrm{relu}(u_1)+\mathrm{relu}(u_2)$, $u_j=w_j\cdot x+b_j$.

    Args:
        starts: parameters, shape (runs, 2, 3); for tied units (runs, 1, 3), and then $u_2=-u_1$.
        rate: learning rate, > 0.
        tolerance: the loss that ends a run, > 0.
        max_epochs: a run ends after so many epochs at the latest, >= 1.
        tied: whether the second unit is the first with its sign turned.

    Raises:
        ValueError: an argument out of range.

    >>> runs = train_two_sided([[[0.9, -0.3, 0.2]]], rate=0.25, tolerance=1e-3, max_epochs=50, tied=True)
    >>> int(runs.epochs[0])  # as trajectories.train
    4
    """
    theta = np.asarray(starts, dtype=float)
    if theta.ndim != 3 or theta.shape[1:] != (1 if tied else 2, 3) or not theta.size:
        raise ValueError(f"expected starts of shape (runs, {1 if tied else 2}, 3), got {theta.shape}: check tied")
    finite(starts=theta)
    positive(rate=rate, tolerance=tolerance)
    at_least(1, max_epochs=max_epochs)
    sides = np.array([1.0, -1.0]) if tied else np.array([1.0])
    epochs = np.full(len(theta), max_epochs)
    going = np.ones(len(theta), dtype=bool)
    states = [theta]
    for epoch in range(max_epochs + 1):
        u = theta @ SAMPLES.T  # runs, units, samples
        residual = sum(np.maximum(s * u, 0.0).sum(axis=1) for s in sides) - TARGETS
        done = going & ((residual**2).mean(axis=1) < tolerance)
        epochs[done] = epoch
        going &= ~done
        if epoch == max_epochs or not going.any():
            break
        slope = sum(s * (s * u > 0) for s in sides) * residual[:, None]
        theta = theta - rate * 0.5 * going[:, None, None] * (slope @ SAMPLES)
        states.append(theta)
    active = (theta @ SAMPLES.T > 0).sum(axis=2).max(axis=1)
    return TwoSidedRuns(np.stack(states), epochs, ~going, active)
