"""Where the losses of a history stand: at equal distances, or at steps that are told."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import not_below
from trainphys.tools.time_to_target.history import SHORTEST, means, plain

HALF = 0.5  # of the last distance: what lies between two losses is not known


@dataclass(frozen=True, slots=True)
class Looks:
    """The step of each loss, and what follows from it for a forecast.

    Attributes:
        at: steps, shape (losses,).
        mean: steps between two losses.
        half: half the last distance, in mean ones.
        first: place of the first loss that the fits use.
        told: whether the steps were told, or follow from a distance.
    """

    at: Array
    mean: float
    half: float
    first: int
    told: bool

    @property
    def late(self) -> bool:
        """Whether the log is shorter than what was run before it."""
        return self.told and float(self.at[0]) > float(self.at[-1] - self.at[0])

    def in_means(self, each: int) -> "Looks":
        """The same of means of neighbours, which stand at the mean of their steps."""
        at = means(self.at, each)
        return _placed(at, told=self.told) if each > 1 else self


def looks(steps: ArrayLike | None, losses: int, every: float) -> Looks:
    """Where so many losses stand: at these steps, or at equal distances from the first step on.

    The fits use the second half of the time, ten losses at least: many more where a log is dense at its start would
    leave the end of the curve to its beginning.

    Raises:
        ValueError: steps and ``every``; not one step for each loss; one that is negative or not finite; or one that
            does not rise, with its place.

    >>> looks(None, 40, 5.0).at[-1], looks(None, 40, 5.0).first
    (np.float64(200.0), 20)
    >>> looks(2.0 ** np.arange(40), 40, 1.0).first
    30
    """
    if steps is None:
        with np.errstate(over="ignore"):  # a number that is too large is refused in its place
            return Looks(every * np.arange(1.0, losses + 1.0), every, HALF, losses // 2, told=False)
    if every != 1.0:
        raise ValueError(f"expected steps or every, got both and every={every}: leave every out")
    [at] = not_below(0, steps=plain(steps))
    if at.shape != (losses,):
        raise ValueError(f"expected a step beside each of {losses} losses, got shape {at.shape}: align them")
    back = np.flatnonzero(np.diff(at) <= 0)
    if back.size:
        late = int(back[0]) + 1
        raise ValueError(
            f"expected steps that rise, got {at[late]:g} after {at[late - 1]:g} at index {late}: of steps run twice "
            "give the last run"
        )
    return _placed(at, told=True)


def _placed(at: Array, *, told: bool) -> Looks:
    mean = float(at[-1]) / len(at)
    first = min(int(np.searchsorted(at, at[-1] / 2.0, side="right")), len(at) - SHORTEST // 2)
    return Looks(at, mean, HALF * float(at[-1] - at[-2]) / mean, first, told)
