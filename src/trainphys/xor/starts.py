"""Where a run starts: the usual distributions of the three parameters."""

from collections.abc import Callable

import numpy as np

from trainphys.arrays import Array
from trainphys.checks import at_least
from trainphys.ensemble.streams import stream

Draw = Callable[[np.random.Generator, int], Array]

FAN_IN = 1.0 / np.sqrt(2.0)  # 1/sqrt(fan_in)
SMALL_BIAS = 0.05  # half width; of the order that biases are often given by hand
SMALL = 0.1  # standard deviation, or half width of a bias, that is often given by hand


def _uniform(weight: float, bias: float) -> Draw:
    """Weights and bias uniform in +-weight and +-bias; without a bias nothing is drawn for it."""
    return lambda rng, runs: np.column_stack(
        [rng.uniform(-weight, weight, (runs, 2)), rng.uniform(-bias, bias, runs) if bias else np.zeros(runs)]
    )


def _normal(weight: float, bias: float) -> Draw:
    """Weights and bias normal with mean zero and these standard deviations."""
    return lambda rng, runs: np.column_stack(
        [weight * rng.standard_normal((runs, 2)), bias * rng.standard_normal(runs) if bias else np.zeros(runs)]
    )


DRAWS: dict[str, Draw] = {
    "pytorch": _uniform(FAN_IN, FAN_IN),
    "pytorch, small bias": _uniform(FAN_IN, SMALL_BIAS),
    "pytorch, zero bias": _uniform(FAN_IN, 0.0),
    "xavier": _uniform(np.sqrt(6.0 / (2 + 1)), 0.0),  # sqrt(6/(fan_in + fan_out))
    "normal": lambda rng, runs: rng.standard_normal((runs, 3)),
    "normal, zero bias": lambda rng, runs: np.column_stack([rng.standard_normal((runs, 2)), np.zeros(runs)]),
    "xavier, pytorch bias": _uniform(np.sqrt(6.0 / (2 + 1)), FAN_IN),
    "xavier normal": _normal(np.sqrt(2.0 / (2 + 1)), 0.0),
    "kaiming": _uniform(np.sqrt(6.0 / 2), 0.0),
    "half normal": _normal(0.5, 0.5),
    "half normal, small bias": _normal(0.5, SMALL),
    "half normal, zero bias": _normal(0.5, 0.0),
    "small normal": _normal(SMALL, SMALL),
    "small normal, zero bias": _normal(SMALL, 0.0),
    "uniform": _uniform(1.0, 1.0),
    "uniform, small bias": _uniform(1.0, SMALL),
    "uniform, zero bias": _uniform(1.0, 0.0),
}


def draw_starts(kind: str, runs: int, seed: int) -> Array:
    r"""Starting parameters (w1, w2, b) of independent runs, shape (runs, 3).

    ``pytorch``: all uniform in $\pm1/\sqrt2$, the default of ``torch.nn.Linear(2, 1)``; ``normal``: standard normal;
    ``xavier``: weights uniform in $\pm\sqrt2$, $b=0$; ``xavier normal``: weights normal with standard deviation
    $\sqrt{2/3}$, $b=0$; ``kaiming``: weights uniform in $\pm\sqrt3$, $b=0$; ``half normal`` and ``small normal``: all
    normal with standard deviation 0.5 or 0.1; ``uniform``: all uniform in $\pm1$.

    A suffix, joined by a comma as in ``uniform, small bias``, gives the bias another distribution and leaves that of
    the weights: ``zero bias``, $b=0$, after ``pytorch``, ``uniform``, ``normal``, ``half normal``, ``small normal``;
    ``small bias``, $b$ uniform in $\pm0.05$ after ``pytorch``, in $\pm0.1$ after ``uniform``, normal with standard
    deviation 0.1 after ``half normal``; ``pytorch bias``, $b$ as for ``pytorch``, after ``xavier``. There are no other
    pairs. Each kind has random numbers of its own: the same seed gives other weights under another suffix.

    Source: PyTorch's documentation of ``nn.Linear``; Glorot and Bengio (2010), equation 16; He and
    others (2015), as in ``torch.nn.init.kaiming_uniform_``.

    >>> draw_starts("xavier", 2, seed=0)[:, 2].tolist()
    [0.0, 0.0]
    """
    if kind not in DRAWS:
        raise ValueError(f"expected one of {list(DRAWS)}, got {kind!r}: check the comma before a suffix")
    at_least(1, runs=runs)
    return np.asarray(DRAWS[kind](stream(seed, f"starts: {kind}"), runs))
