"""Runs that the width of the forecast of remaining steps was set on; the chapter's back-tests have other kinds.

Where losses are seen through made-up noise, targets and times are those of the curve without it: that is what the
forecast is of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer, load_iris, load_wine

from trainphys.arrays import Array
from trainphys.chapters.distance.c5_applications.backtest import BackTest, back_test
from trainphys.chapters.distance.c5_applications.recorded_runs import Plan, record
from trainphys.ensemble.streams import stream
from trainphys.tools.time_to_target.forecast import widening_from_runs


@dataclass(frozen=True)
class Runs:
    """Histories of runs side by side, each of shape (looks, runs)."""

    curves: Array
    norms: Array
    clean: Array  # losses without noise


def random_least_squares(runs: int, rng: np.random.Generator, *, looks: int = 300) -> Runs:
    """Descent on sixty unknowns with 70 to 300 random equations: the spectrum of Marchenko and Pastur."""

    def one() -> tuple[Array, Array]:
        equations = int(rng.integers(70, 300))
        table = rng.standard_normal((equations, 60)) / equations**0.5
        curvatures = np.linalg.eigvalsh(table.T @ table)
        rate = rng.uniform(0.2, 1.0) / curvatures[-1] * rng.choice([1, 2, 4])
        return curvatures * rng.chisquare(1, 60), rate * curvatures

    return _noisy((one() for _ in range(runs)), looks, rng)


def few_modes(runs: int, rng: np.random.Generator, *, looks: int = 300) -> Runs:
    """Sums of one to five exponentials, with rates over a factor fifty."""

    def one() -> tuple[Array, Array]:
        modes = int(rng.integers(1, 6))
        return np.exp(rng.uniform(-3, 0, modes)), np.exp(rng.uniform(np.log(0.002), np.log(0.1), modes))

    return _noisy((one() for _ in range(runs)), looks, rng)


def _noisy(modes: Iterable[tuple[Array, Array]], looks: int, rng: np.random.Generator) -> Runs:
    """Losses sum c exp(-2 r t) seen with a relative noise of 0.2 to 5 percent, and the norms of their gradients."""
    curves, norms, clean = [], [], []
    for weight, rate in modes:
        fall = np.exp(-2.0 * rate * np.arange(looks)[:, None])
        noise = np.exp(rng.uniform(np.log(0.002), np.log(0.05)))
        clean.append(fall @ weight)
        curves.append(clean[-1] * np.exp(noise * rng.standard_normal(looks)))
        norms.append(np.sqrt(fall @ (weight * rate)))
    return Runs(np.array(curves).T, np.array(norms).T, np.array(clean).T)


def _trained(
    data: Callable[..., tuple[Array, Array]], plan: Plan, low: float, high: float
) -> Callable[[int, np.random.Generator], Runs]:
    """Networks on one of scikit-learn's small data sets, columns standardised, rates log-uniform."""

    def runs_of(runs: int, rng: np.random.Generator) -> Runs:
        x, labels = data(return_X_y=True)
        inputs = torch.tensor((x - x.mean(axis=0)) / x.std(axis=0), dtype=torch.float32)
        rates = np.exp(rng.uniform(np.log(low), np.log(high), runs))
        found = record(inputs, torch.tensor(labels), plan, rates, rng)
        return Runs(found.curves, found.norms, found.curves)

    return runs_of


KINDS: dict[str, Callable[[int, np.random.Generator], Runs]] = {
    "random least squares": random_least_squares,
    "few modes": few_modes,
    "tumours, softmax": _trained(load_breast_cancer, Plan((30, 2), 16, 4, 120), 0.05, 1.0),
    "tumours, network": _trained(load_breast_cancer, Plan((30, 8, 2), 16, 4, 120), 0.02, 0.3),
    "wine, network": _trained(load_wine, Plan((13, 12, 3), 16, 2, 120), 0.02, 0.3),
    "iris, momentum": _trained(load_iris, Plan((4, 8, 8, 3), 16, 4, 150, momentum=0.8), 0.01, 0.1),
}


def calibration_tests(seed: int, runs: int = 200, *, norms: bool = False) -> dict[str, BackTest]:
    """One forecast a run of every kind, with its truth; the forecasts see the norms of the gradient when asked."""
    found = {}
    for kind, make in KINDS.items():
        made = make(runs, stream(seed, f"calibration: {kind}"))
        found[kind] = back_test(made.curves, clean=made.clean, norms=made.norms if norms else None, seed=seed)
    return found


def needed_widenings(tests: dict[str, BackTest], level: float = 0.9) -> dict[str, float]:
    """Split-conformal widening that each kind of runs needs; a target that a forecast holds for reached is left out."""
    needed = {}
    for kind, test in tests.items():
        ahead = [i for i, forecast in enumerate(test.forecasts) if forecast.value > 0]
        needed[kind] = widening_from_runs([test.forecasts[i] for i in ahead], test.truth[ahead], level=level)
    return needed


def pooled(tests: list[dict[str, BackTest]]) -> dict[str, BackTest]:
    """The same kinds from several seeds as one."""
    return {
        kind: BackTest(
            [forecast for test in tests for forecast in test[kind].forecasts],
            np.concatenate([test[kind].truth for test in tests]),
            sum(test[kind].refused for test in tests),
        )
        for kind in KINDS
    }
