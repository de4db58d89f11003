"""Runs that the width of the forecast of remaining steps was set on; the chapter's back-tests have other kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer, load_iris, load_wine

from trainphys.arrays import Array
from trainphys.chapters.distance.c5_applications.backtest import BackTest, back_test
from trainphys.chapters.distance.c5_applications.recorded_runs import Plan, Recorded, record
from trainphys.ensemble.streams import stream
from trainphys.tools.time_to_target.forecast import WIDENINGS, widening_from_runs

FEWEST = 40  # forecasts of one kind that a width is taken from


def random_least_squares(runs: int, rng: np.random.Generator, *, looks: int = 300) -> Recorded:
    """Descent on sixty unknowns with 70 to 300 random equations: the spectrum of Marchenko and Pastur."""

    def one() -> tuple[Array, Array]:
        equations = int(rng.integers(70, 300))
        table = rng.standard_normal((equations, 60)) / equations**0.5
        curvatures = np.linalg.eigvalsh(table.T @ table)
        rate = rng.uniform(0.2, 1.0) / curvatures[-1] * rng.choice([1, 2, 4])
        return curvatures * rng.chisquare(1, 60), rate * curvatures

    return _noisy((one() for _ in range(runs)), looks, rng)


def few_modes(runs: int, rng: np.random.Generator, *, looks: int = 300) -> Recorded:
    """Sums of one to five exponentials, with rates over a factor fifty."""

    def one() -> tuple[Array, Array]:
        modes = int(rng.integers(1, 6))
        return np.exp(rng.uniform(-3, 0, modes)), np.exp(rng.uniform(np.log(0.002), np.log(0.1), modes))

    return _noisy((one() for _ in range(runs)), looks, rng)


def _noisy(modes: Iterable[tuple[Array, Array]], looks: int, rng: np.random.Generator) -> Recorded:
    """Losses sum c exp(-2 r t) seen with a relative noise of 0.2 to 5 percent, and the norms of their gradients."""
    curves, norms = [], []
    for weight, rate in modes:
        fall = np.exp(-2.0 * rate * np.arange(looks)[:, None])
        noise = np.exp(rng.uniform(np.log(0.002), np.log(0.05)))
        curves.append(fall @ weight * np.exp(noise * rng.standard_normal(looks)))
        norms.append(np.sqrt(fall @ (weight * rate)))
    return Recorded(np.array(curves).T, np.array(norms).T)


def _trained(
    data: Callable[..., tuple[Array, Array]], plan: Plan, low: float, high: float
) -> Callable[[int, np.random.Generator], Recorded]:
    """Networks on one of scikit-learn's small data sets, columns standardised, rates log-uniform."""

    def runs_of(runs: int, rng: np.random.Generator) -> Recorded:
        x, labels = data(return_X_y=True)
        inputs = torch.tensor((x - x.mean(axis=0)) / x.std(axis=0), dtype=torch.float32)
        rates = np.exp(rng.uniform(np.log(low), np.log(high), runs))
        return record(inputs, torch.tensor(labels), plan, rates, rng)

    return runs_of


KINDS: dict[str, Callable[[int, np.random.Generator], Recorded]] = {
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
        recorded = make(runs, stream(seed, f"calibration: {kind}"))
        found[kind] = back_test(recorded.curves, norms=recorded.norms if norms else None, seed=seed)
    return found


def group_widenings(tests: dict[str, BackTest], level: float = 0.9) -> dict[str, float]:
    """Split-conformal widening of each group in ``WIDENINGS``: that of the kind of runs that needs most.

    A kind counts in a group where it has at least forty forecasts.
    """
    needed: dict[str, list[float]] = {group: [] for group in WIDENINGS}
    for test in tests.values():
        for group in WIDENINGS:
            part = [i for i, forecast in enumerate(test.forecasts) if forecast.group == group]
            if len(part) >= FEWEST:
                forecasts = [test.forecasts[i] for i in part]
                needed[group].append(widening_from_runs(forecasts, test.truth[part], level=level))
    return {group: max(widenings) for group, widenings in needed.items()}
