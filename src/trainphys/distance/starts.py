"""Where a run starts: the usual distributions of the three parameters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from trainphys.ensemble.streams import stream

Array = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], Array]
SMALL_BIAS = 0.05  # half width; of the order that biases are often given by hand


def _uniform(weight: float, bias: float) -> Draw:
    """Weights and bias uniform in +-weight and +-bias."""
    return lambda rng, runs: np.column_stack(
        [rng.uniform(-weight, weight, (runs, 2)), rng.uniform(-bias, bias, runs) if bias else np.zeros(runs)]
    )


FAN_IN = 1.0 / np.sqrt(2.0)  # 1/sqrt(fan_in)
DRAWS: dict[str, Draw] = {
    "pytorch": _uniform(FAN_IN, FAN_IN),
    "pytorch, small bias": _uniform(FAN_IN, SMALL_BIAS),
    "pytorch, zero bias": _uniform(FAN_IN, 0.0),
    "xavier": _uniform(np.sqrt(6.0 / (2 + 1)), 0.0),  # sqrt(6/(fan_in + fan_out))
    "normal": lambda rng, runs: rng.standard_normal((runs, 3)),
    "normal, zero bias": lambda rng, runs: np.column_stack([rng.standard_normal((runs, 2)), np.zeros(runs)]),
}


def draw_starts(kind: str, runs: int, seed: int) -> Array:
    r"""Starting parameters (w1, w2, b) of independent runs.

    ``pytorch``: all uniform in $\pm1/\sqrt2$, the default of ``torch.nn.Linear(2, 1)``; ``pytorch, small bias`` and
    ``pytorch, zero bias``: the same weights, $b$ uniform in $\pm0.05$ or zero; ``normal``: all standard
    normal; ``normal, zero bias``: weights standard normal, $b=0$; ``xavier``: weights uniform in $\pm\sqrt2$, $b=0$.

    Args:
        kind: one of the names above.
        runs: number of runs, >= 1.
        seed: root seed, >= 0.

    Returns:
        Parameters, shape (runs, 3).

    Raises:
        ValueError: an unknown kind or no runs.

    Source: PyTorch's documentation of ``nn.Linear``; Glorot and Bengio (2010), equation 16.

    >>> draw_starts("xavier", 2, seed=0)[:, 2].tolist()
    [0.0, 0.0]
    """
    if kind not in DRAWS or runs < 1:
        raise ValueError(f"expected one of {list(DRAWS)} and runs >= 1, got {kind!r} and {runs}")
    return np.asarray(DRAWS[kind](stream(seed, f"starts: {kind}"), runs))
