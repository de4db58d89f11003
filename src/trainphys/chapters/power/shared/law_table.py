"""How well a law for the time to a target fits measured sweeps: error of the fit, held-out error, intervals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.ensemble import stream
from trainphys.estimate import Estimate
from trainphys.tools.batch_size.fit import Law, fit, held_out


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
