"""Fits of a curve over batch size to a measured sweep, and what they predict of batch sizes left out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import least_squares

from trainphys.arrays import Array
from trainphys.laws.batch_size import steps_to_target

Curve = Callable[[Array, Array], Array]
FAR = np.log(1e6)  # "no stability limit": the exponential branch is then flat over any sweep


@dataclass(frozen=True, slots=True)
class Law:
    """A curve over batch size with positive parameters; ``starts`` gives where its fit begins on given data."""

    name: str
    parameters: tuple[str, ...]
    curve: Curve
    starts: Callable[[Array, Array], Iterable[tuple[float, ...]]]


@dataclass(frozen=True, slots=True)
class Fit:
    """Parameters of least squared error in the logarithm, and that error (root mean square; 0.1 is about 10 %)."""

    law: Law
    values: tuple[float, ...]
    rms: float

    def __call__(self, batch_size: ArrayLike) -> Array:
        return self.law.curve(np.asarray(batch_size, dtype=float), np.array(self.values))

    def __getitem__(self, parameter: str) -> float:
        return self.values[self.law.parameters.index(parameter)]


def fit(law: Law, batch_size: ArrayLike, measured: ArrayLike) -> Fit:
    """Fit a law to positive values, every batch size with the same weight.

    Raises:
        ValueError: fewer points than the law has parameters, shapes that differ, or values that are not positive.

    >>> b = np.array([1.0, 10.0, 100.0, 1000.0])
    >>> round(fit(PLAIN_STEPS, b, steps_to_target(b, 50, 100))["critical_batch_size"], 6)
    100.0
    """
    batch, value = np.asarray(batch_size, dtype=float), np.asarray(measured, dtype=float)
    if batch.shape != value.shape or batch.ndim != 1 or batch.size < len(law.parameters):
        raise ValueError(f"expected {len(law.parameters)} points or more of each, got {batch.shape} and {value.shape}")
    if not (np.all(batch > 0) and np.all(value > 0) and np.all(np.isfinite(value))):
        raise ValueError("expected positive, finite values: leave out batch sizes that never reach the target")
    target = np.log(value)
    best = None

    def residuals(x: Array) -> Array:
        return np.asarray(_log_curve(law, batch, x) - target)

    for start in law.starts(batch, value):
        x0 = np.clip(np.log(start), -FAR, FAR)
        found = least_squares(residuals, x0, bounds=(-3 * FAR, 3 * FAR))
        if best is None or found.cost < best.cost:
            best = found
    assert best is not None
    return Fit(law, tuple(np.exp(best.x).tolist()), float(np.sqrt(2 * best.cost / batch.size)))


def _log_curve(law: Law, batch: Array, log_values: Array) -> Array:
    """Finite where an exponential branch overflows, so that the fit can step back from there."""
    with np.errstate(over="ignore", divide="ignore"):
        return np.asarray(np.minimum(np.log(law.curve(batch, np.exp(log_values))), 1e3))


def held_out(law: Law, batch_size: ArrayLike, measured: ArrayLike) -> Array:
    """What the law, fitted to all other batch sizes, predicts at each one."""
    batch, value = np.asarray(batch_size, dtype=float), np.asarray(measured, dtype=float)
    others = ~np.eye(batch.size, dtype=bool)
    return np.array([float(fit(law, batch[o], value[o])(b)) for b, o in zip(batch, others, strict=True)])


def _steps_starts(batch: Array, value: Array) -> Iterable[tuple[float, ...]]:
    fewest, samples = float(value.min()), float((batch * value).min())
    yield fewest, samples / fewest, 1.5
    yield 0.7 * fewest, 1.5 * samples / fewest, 1.0


STEPS = Law(
    "steps, free sharpness",
    ("minimum_steps", "critical_batch_size", "sharpness"),
    lambda b, x: steps_to_target(b, x[0], x[1], x[2]),
    _steps_starts,
)


PLAIN_STEPS = Law(
    "steps, sharpness one",
    ("minimum_steps", "critical_batch_size"),
    lambda b, x: steps_to_target(b, x[0], x[1]),
    lambda b, v: [s[:2] for s in _steps_starts(b, v)],
)
