"""How well each law for the time to a target fits measured sweeps: error of the fit, held-out error, intervals."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.chapters.power.shared.claimed import CLAIMED_TIME
from trainphys.ensemble import stream
from trainphys.estimate import Estimate
from trainphys.tools.batch_size.fit import PLAIN_STEPS, STEPS, Law, fit, held_out


def _power_law(name: str, exponent: float) -> Law:
    """A power law with one free factor."""
    return Law(
        name,
        ("factor",),
        lambda b, x: x[0] * b**exponent,
        lambda b, v: [(float(np.exp(np.mean(np.log(v) - exponent * np.log(b)))),)],
    )


def _frontier(b: Array, x: Array) -> Array:
    alpha = b / x[1]
    return np.asarray(x[0] * np.exp(alpha - 1) * np.maximum(1, 1 / alpha))


def _frontier_starts(b: Array, v: Array) -> Iterable[tuple[float, ...]]:
    for critical in (b[-1] / 4, b[-1], 10 * b[-1]):
        unit = _frontier(b, np.array([1.0, critical]))
        yield float(np.exp(np.mean(np.log(v / unit)))), float(critical)


CAPPED_SAMPLES = Law(
    "samples from the efficiency of section 1.1",
    ("samples_unit", "critical_batch_size"),
    lambda b, x: x[0] * np.maximum(1, b / x[1]),
    lambda b, v: [(float(v.min()), float(c)) for c in b],
)


SECTION_2 = Law("section 2 with 1.1", ("time_unit", "critical_batch_size"), _frontier, _frontier_starts)
SECTION_4 = _power_law("section 4", -0.5)
SECTION_8 = _power_law("section 8", 1.0)


def section_1(batch_size: Sequence[float], learning_rate: Sequence[float]) -> Law:
    r"""Time of section 1, $\propto\sqrt B/\eta(B)$, with the learning rates that were really used at these batch sizes.

    >>> float(section_1([1.0, 4.0], [1.0, 4.0]).curve(np.array(4.0), np.array([2.0])))
    1.0
    """
    sizes, rates = np.log(batch_size), np.log(learning_rate)

    def shape(b: Array) -> Array:
        return np.asarray(np.sqrt(b) / np.exp(np.interp(np.log(b), sizes, rates)))

    return Law(
        "section 1, tuned rate",
        ("factor",),
        lambda b, x: x[0] * shape(b),
        lambda b, v: [(float(np.exp(np.mean(np.log(v / shape(b))))),)],
    )


LAWS = (SECTION_2, SECTION_4, CLAIMED_TIME, SECTION_8, PLAIN_STEPS, STEPS)


@dataclass(frozen=True, slots=True)
class LawScore:
    """One law on one workload: errors are root mean squares of the logarithm, intervals hold 95 %.

    ``critical_batch_size`` is NaN for a law without one.
    """

    workload: str
    law: str
    constants: int
    fit_error: float
    fit_error_low: float
    fit_error_high: float
    held_out_error: float
    critical_batch_size: float
    critical_low: float
    critical_high: float


def score(
    workload: str, law: Law, batch_size: Sequence[float], measured: Sequence[Estimate], *, draws: int, seed: int
) -> LawScore:
    """Fit a law to a sweep, again to ``draws`` resampled ones (log-normal), and again without each batch size.

    A law with as many constants as there are batch sizes fits anything, and is refused.
    """
    if len(batch_size) <= len(law.parameters):
        raise ValueError(f"expected more batch sizes than constants, got {len(batch_size)}: measure more")
    sizes, value = np.asarray(batch_size, dtype=float), np.array([m.value for m in measured])
    relative = np.array([m.stderr / m.value for m in measured])
    rng = stream(seed, f"law table {workload} {law.name}")
    again = [fit(law, sizes, value * np.exp(relative * rng.standard_normal(value.size))) for _ in range(draws)]
    whole, critical, ends = fit(law, sizes, value), "critical_batch_size" in law.parameters, [0.025, 0.975]
    low, high = np.quantile([f.rms for f in again], ends).tolist()
    b_low, b_high = math.nan, math.nan
    if critical:
        b_low, b_high = np.quantile([f["critical_batch_size"] for f in again], ends).tolist()
    left_out = float(np.sqrt(np.mean(np.log(held_out(law, sizes, value) / value) ** 2)))
    return LawScore(
        workload=workload,
        law=law.name,
        constants=len(law.parameters),
        fit_error=whole.rms,
        fit_error_low=low,
        fit_error_high=high,
        held_out_error=left_out,
        critical_batch_size=whole["critical_batch_size"] if critical else math.nan,
        critical_low=b_low,
        critical_high=b_high,
    )


def bootstrap(law: Law, batch_size: ArrayLike, runs: list[Array], *, draws: int, seed: int) -> Array:
    """Parameters of fits to means over runs drawn with replacement, shape (draws, parameters)."""
    found = []
    for draw in range(draws):
        rng = stream(seed, "bootstrap", draw)
        found.append(fit(law, batch_size, [rng.choice(r, size=len(r)).mean() for r in runs]).values)
    return np.array(found)
