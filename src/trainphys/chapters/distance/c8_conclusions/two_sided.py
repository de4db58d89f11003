r"""Two ReLU units on centred XOR: tied to look both ways they are $|w\cdot x+b|$; free, each learns its own side."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array, Booleans, Integers
from trainphys.checks import finite
from trainphys.xor.landscape import SIGNS, TARGETS

SAMPLES = np.column_stack([SIGNS, np.ones(4)])


@dataclass(frozen=True, slots=True)
class TwoSidedRuns:
    """Full-batch runs of two ReLU units."""

    states: Array  # parameters before each epoch, shape (epochs + 1, runs, units, 3); a run repeats its last state
    epochs: Integers  # until the loss was below the tolerance, shape (runs,)
    converged: Booleans  # whether it was, shape (runs,)
    # for each run, the largest number of samples on which one unit is active at the end, shape (runs,)
    active: Integers

    @property
    def walked(self) -> Integers:
        """The runs that converged after two epochs or more."""
        return np.flatnonzero(self.converged & (self.epochs > 1))

    def to_last(self) -> tuple[Integers, Array, Integers]:
        """Run, distance to the run's last parameters and epochs remaining of each state of the runs that ``walked``."""
        lengths = self.epochs[self.walked]
        run = np.repeat(self.walked, lengths)
        epoch = np.concatenate([np.arange(n) for n in lengths])
        gap = self.states[epoch, run] - self.states[-1, run]
        return run, np.sqrt((gap**2).sum(axis=(1, 2))), self.epochs[run] - epoch

    def slowdown(self) -> Array:
        """First step over last step of each run that ``walked``."""
        return self._step(np.zeros_like(self.walked)) / self._step(self.epochs[self.walked] - 1)

    def last_factor(self) -> Array:
        """Last step over the step before it, of each run that ``walked``."""
        return self._step(self.epochs[self.walked] - 1) / self._step(self.epochs[self.walked] - 2)

    def _step(self, epoch: Integers) -> Array:
        """Length of one step of each run that ``walked``."""
        step = self.states[epoch + 1, self.walked] - self.states[epoch, self.walked]
        return np.asarray(np.sqrt((step**2).sum(axis=(1, 2))))


def train_two_sided(
    starts: ArrayLike, *, rate: float, tolerance: float, max_epochs: int, tied: bool = False
) -> TwoSidedRuns:
    r"""Full-batch descent on the mean squared error of $\mathrm{relu}(u_1)+\mathrm{relu}(u_2)$, $u_j=w_j\cdot x+b_j$.

    Starts have shape (runs, 2, 3); for tied units, where $u_2=-u_1$, (runs, 1, 3). A run ends when its loss is below
    the tolerance.
    """
    [theta] = finite(starts=starts)
    if theta.ndim != 3 or theta.shape[1:] != (1 if tied else 2, 3) or not theta.size:
        raise ValueError(f"expected starts of shape (runs, {1 if tied else 2}, 3), got {theta.shape}: check tied")
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
