"""Measurements that settle the three estimators, as rows of conditions, measured values and predictions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from trainphys.chapters.cooling.b6_estimators_and_adaptation.claimed import claimed_cooling_time
from trainphys.chapters.cooling.b6_estimators_and_adaptation.cooling_time_runs import slow_limits
from trainphys.chapters.cooling.b6_estimators_and_adaptation.estimator_checks import (
    decay_time,
    ensemble_estimators,
    needed_temperature,
    sgd_needed_temperature,
    spread_at,
)
from trainphys.chapters.cooling.b6_estimators_and_adaptation.resting_systems import (
    RestingCase,
    rest_on_perceptron,
    rest_on_softmax,
)
from trainphys.chapters.cooling.b6_estimators_and_adaptation.trigger_runs import over
from trainphys.ensemble import stream
from trainphys.estimate import Estimate
from trainphys.laws.cooling_plan import (
    dissipation_time,
    final_temperature,
    relaxation_time,
    spread_temperature,
    time_to_closeness,
)
from trainphys.simulate.minibatch_sgd import tilted_quadratic
from trainphys.systems.losses import double_well, harmonic
from trainphys.workloads.perceptron import perceptron_digits
from trainphys.workloads.softmax_regression import SoftmaxRegression

Row = dict[str, Any]


SETTINGS = {  # learning rate, batch size, momentum
    "softmax": (2.0, 16, 0.0),
    "softmax, twice the rate": (4.0, 16, 0.0),
    "softmax, momentum": (0.4, 16, 0.9),
    "perceptron": (0.25, 16, 0.0),
    "perceptron, momentum": (0.025, 16, 0.9),
}


BATCHES, SAMPLES = "gradients of batches", "gradients of single samples"


PROPORTION, ENSEMBLE = "in proportion to the temperature", "variance and mean over runs in a bath"


TOLERANCE, SCALING, CONFINED = (
    "mean loss within a tolerance",
    "in proportion to the eigenvalue",
    "softest mode confined",
)


PRODUCED = "one nat of entropy produced while T falls by four e-folds"


FOLD = math.exp(4.0)


SPECTRA = {
    "one soft mode": [0.1],
    "one stiff mode": [1.0],
    "ten equal": [1.0] * 10,
    "ten unequal": list(np.geomspace(0.1, 10, 10)),
}


EQUAL = ([1.0], [0.25], [1.0] * 4, [0.25] * 8, [1.0] * 16)


UNEQUAL = (list(np.geomspace(1, 10, 8)), list(np.geomspace(1, 100, 8)))


def resting_cases(seed: int, replicas: int, updates: int) -> dict[str, RestingCase]:
    """SGD at rest under every setting, and once more with the parameters written in a unit ten times as small."""
    cases = {}
    for name, (rate, batch, momentum) in SETTINGS.items():
        network = name.startswith("perceptron")
        rest = rest_on_perceptron if network else rest_on_softmax
        length = updates * 2 if network else updates
        size = {"seed": seed, "replicas": replicas, "updates": length}
        cases[name] = rest(learning_rate=rate, batch_size=batch, momentum=momentum, **size)
    size = {"seed": seed, "replicas": replicas, "updates": updates}
    cases["softmax, other unit"] = rest_on_softmax(learning_rate=2.0, batch_size=16, momentum=0.0, unit=10.0, **size)
    return cases


def temperature_rows(cases: dict[str, RestingCase], seed: int, particles: int) -> Iterator[Row]:
    """Comparisons for the initial temperature: on SGD at rest, between settings, and over runs in a bath."""
    for name, (rate, batch, momentum) in SETTINGS.items():
        case, network = cases[name], name.startswith("perceptron")
        at = {"loss": name.split(",")[0], "rate": rate, "batch": batch, "momentum": momentum}
        d = len(case.curvature)
        thirds = {"soft": slice(0, d // 3), "middle": slice(d // 3, 2 * d // 3), "stiff": slice(2 * d // 3, d)}
        for part, chosen in thirds.items():
            if part == "stiff" or not network:  # the softer modes of the network never come to rest
                measured = case.run.temperature(chosen)
                yield {"at": {**at, "modes": part}, "measured": measured, "corrected": case.law[chosen].mean()}
        whole = case.run.temperature()
        if network:
            yield {"at": at, "measured": whole, "stated": case.claimed, "reading": BATCHES}
            continue
        yield {"at": at, "measured": whole, "stated": case.claimed, "corrected": case.law.mean(), "reading": BATCHES}
        yield {"at": at, "measured": whole, "stated": case.claimed_per_sample, "reading": SAMPLES}
    plain = cases["softmax"]
    for name in ("softmax, twice the rate", "softmax, momentum", "softmax, other unit"):
        yield {
            "at": {"ratio of": name, "to": "softmax"},
            "measured": over(cases[name].run.temperature(), plain.run.temperature()),
            "stated": cases[name].claimed / plain.claimed,
            "corrected": 1.0 if "unit" in name else cases[name].law.mean() / plain.law.mean(),
            "reading": PROPORTION,
        }
    bath = 0.5
    losses = {"quadratic, k = 1": harmonic(1.0), "quadratic, k = 4": harmonic(4.0), "two wells": double_well(1.0)}
    for name, loss in losses.items():
        claimed, laplacian = ensemble_estimators(loss, bath, stream(seed, f"ensemble {name}"), particles)
        yield {
            "at": {"loss": name, "bath": bath, "measured by": "variance over Laplacian"},
            "measured": laplacian,
            "stated": claimed.value,
            "corrected": bath,
            "reading": ENSEMBLE,
            "rtol": 0.02,
            "rtol_reason": "Euler steps dt heat a mode of curvature k by k dt / 2; k is at most 16 where particles are",
        }


def final_temperature_rows(plain: RestingCase, seed: int) -> Iterator[Row]:
    """Comparisons for the final temperature: what a tolerance of the loss, or of the softest mode, asks for."""
    needed = {}
    for name, curvatures in SPECTRA.items():
        needed[name] = needed_temperature(curvatures, 0.05, stream(seed, f"needed {name}"))
        law = final_temperature(0.05, len(curvatures))
        at = {"loss": name, "excess": 0.05}
        yield {"at": at, "measured": needed[name], "stated": min(curvatures), "corrected": law, "reading": TOLERANCE}
    ratio = over(needed["one stiff mode"], needed["one soft mode"])
    at = {"ratio of": "one stiff mode", "to": "one soft mode"}
    yield {"at": at, "measured": ratio, "stated": 10.0, "corrected": 1.0, "reading": SCALING}
    assert isinstance(plain.model, SoftmaxRegression)
    yield {
        "at": {"loss": "softmax", "excess": 0.02},
        "measured": sgd_needed_temperature(plain.model, plain.run, plain.minimum, 0.02),
        "stated": plain.curvature[0],
        "corrected": final_temperature(0.02, 45),
        "reading": TOLERANCE,
        "rtol": 0.02,
        "rtol_reason": "cross-entropy is quadratic to first order only; the rest is a share of the order of the excess",
    }
    for spread in (1.0, 0.1):
        law = spread_temperature(0.1, spread)
        variance = spread_at(SPECTRA["ten unequal"], law, stream(seed, f"spread {spread}"))
        value = law * spread**2 / variance.value  # the variance is proportional to the temperature
        measured = Estimate(value, value * variance.stderr / variance.value, variance.n, variance.dof)
        at = {"loss": "ten unequal", "spread": spread}
        yield {"at": at, "measured": measured, "stated": 0.1, "corrected": law, "reading": CONFINED}
    yield {**negative_row(seed), "reading": TOLERANCE}


def cooling_time_rows(
    plain: RestingCase, limits: dict[int, tuple[Estimate, Estimate]], decays: dict[int, Estimate], seed: int
) -> Iterator[Row]:
    """Comparisons for the cooling time, by three criteria of slowness; the results of the other functions go in."""
    for key, values in enumerate((*EQUAL, *UNEQUAL)):
        d, equal = len(values), key < len(EQUAL)
        at = {"curvatures": "equal" if equal else "unequal", "d": d, "least": min(values), "largest": max(values)}
        yield {
            "at": at,
            "measured": limits[key][0],
            "stated": float(claimed_cooling_time(d, min(values))),
            "corrected": dissipation_time(values, FOLD),
            "condition": equal,
            "reading": PRODUCED,
        }
        if equal and min(values) == 1.0 and d > 1:
            yield {
                "at": {**at, "criterion": "divergence"},
                "measured": limits[key][1],
                "stated": d * time_to_closeness([1.0], 1.0),
                "corrected": time_to_closeness(values, 1.0),
                "reading": "a fixed distance from equilibrium",
            }
    yield {
        "at": {"loss": "softmax", "d": 45},
        "measured": slow_limits(plain.hessian, FOLD, slowness=20.0)[0],
        "stated": float(claimed_cooling_time(45, plain.curvature[0])),
        "corrected": dissipation_time(plain.curvature, FOLD),
        "condition": False,
        "reading": PRODUCED,
    }
    yield {**negative_row(seed), "condition": False, "reading": PRODUCED}
    for d, measured in decays.items():
        yield {
            "at": {"d": d, "least": 0.1, "rate": 0.2},
            "measured": measured,
            "stated": float(claimed_cooling_time(d, 0.2 * 0.1)),
            "corrected": float(relaxation_time(0.1, 0.2)),
            "reading": "relaxation of the softest mode",
            "rtol": 0.01,
            "rtol_reason": "updates are discrete: 1/|ln(1 - eta lambda)| is shorter by half of eta lambda",
        }


def entropy_limits(seed: int) -> dict[int, tuple[Estimate, Estimate]]:
    """Limits of slow cooling for the equal, then the unequal spectra, in bases that are turned at random."""
    found = {}
    for key, values in enumerate((*EQUAL, *UNEQUAL)):
        d = len(values)
        turn = np.linalg.qr(stream(seed, "turn", key).standard_normal((d, d)))[0]
        found[key] = slow_limits(turn @ np.diag(values) @ turn.T, FOLD)
    return found


def decay_times(seed: int, replicas: int) -> dict[int, Estimate]:
    """Updates in which SGD forgets a displacement along the softest of d modes, for several d."""
    found = {}
    for d in (1, 10, 50):
        model = tilted_quadratic(np.linspace(0.1, 1, d) if d > 1 else [0.1], np.eye(d), 500)
        found[d] = decay_time(
            model,
            model.minimum(),
            np.eye(d)[0],
            stream(seed, "decay", d),
            learning_rate=0.2,
            batch_size=64,
            updates=50,
            replicas=replicas,
        )
    return found


def negative_row(seed: int) -> Row:
    """The largest, over several starts of a network, of the least Hessian eigenvalue: the claims need it positive."""
    model = perceptron_digits(8)
    starts = model.start(stream(seed, "starts"), 8)
    best = max(float(np.linalg.eigvalsh(model.hessian(point))[0]) for point in starts)
    at = {"loss": "perceptron", "least eigenvalue": "the largest of eight starts"}
    return {"at": at, "measured": Estimate.from_solver(best, error=1e-9), "stated": 0.0, "relation": ">="}
