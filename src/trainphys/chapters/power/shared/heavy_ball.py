"""One update of descent with heavy-ball momentum, and the search for the edge of what it can take."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from trainphys.arrays import Array

if TYPE_CHECKING:
    from torch import Tensor

State = TypeVar("State", float, Array, "Tensor")


def heavy_ball(theta: State, v: State, push: State, momentum: float) -> tuple[State, State]:
    r"""$v\leftarrow\beta v-p$, $\theta\leftarrow\theta+v$; the push $p$ is the learning rate times the gradient.

    Source: Polyak (1964).

    >>> heavy_ball(1.0, 2.0, 0.5, momentum=0.5)
    (1.5, 0.5)
    """
    v = momentum * v - push
    return theta + v, v


def bisect_log(holds: Callable[[float], bool], low: float, high: float, accuracy: float = 1e-4) -> tuple[float, float]:
    """Narrow ``low``, where something holds, and ``high``, where it does not, to a ratio of ``1 + accuracy``.

    >>> low, high = bisect_log(lambda x: x < 2, 1e-3, 1e3)
    >>> low < 2 <= high < 1.0001 * low
    True
    """
    while high / low > 1 + accuracy:
        middle = math.sqrt(low * high)
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low, high
