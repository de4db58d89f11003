"""Runs on which the document's condition for slow cooling is tried, one confrontation of law and measurement each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainphys.cooling.gaussian import gaussian_divergence, lag
from trainphys.cooling.potentials import Custom, Quartic, double_well, harmonic, wells
from trainphys.cooling.quasistatic_condition import (
    Snapshot,
    condition_of,
    met_share,
    pointwise_share,
    quasistatic_ratio,
    snapshot,
)
from trainphys.cooling.schedules import Exponential, quench
from trainphys.ensemble import stream
from trainphys.estimate import Estimate

Rows = list[dict[str, Any]]
MET, SETTLED = 0.1, 0.02  # a ratio that counts as much smaller; a divergence (nats) that counts as settled
ZEROS = {"rtol": 1e-3, "rtol_reason": "quadrature over cells across the zeros of both sides"}
QUADRATIC = "one parameter, quadratic"
WITHIN = "averages, mobility restored, settled within each well"


def quasistatic_cases(seed: int, samples: int) -> tuple[Rows, Rows]:
    """All evidence on the condition, and a table of the cases in which its averages are compared.

    Args:
        seed: of the draws from products of densities.
        samples: draws.

    Returns:
        Arguments of comparisons; and for each case its name, ratio R, stiffness, divergence within wells and in all.

    Raises:
        RuntimeError: a case in which the condition is not met.
    """
    quadratic = {tau: snapshot(harmonic(), Exponential(1.0, tau), 6.0, 1.0, cells=3000) for tau in (6.0, 20.0, 200.0)}
    uneven = double_well(1.0, 0.5)
    frozen = {T: snapshot(uneven, quench(T), 5.0, 1.0, top=wells(uneven).top) for T in (0.05, 0.1, 0.15)}
    averaged, table = _averaged(quadratic, frozen, seed, samples)
    return averaged + _whole(frozen) + _pointwise(quadratic) + _unrepaired(quadratic), table


def _averaged(
    quadratic: dict[float, Snapshot], frozen: dict[float, Snapshot], seed: int, samples: int
) -> tuple[Rows, Rows]:
    two = snapshot(harmonic(), Exponential(1.0, 10.0), 6.0, 1.0)
    fast = snapshot(harmonic(), Exponential(1.0, 1.5), 3.0, 1.0)
    quartic = snapshot(Quartic((0, 0, 0, 0, 1)), Exponential(1.0, 5.0), 6.0, 1.0)
    stiff, soft = (snapshot(harmonic(k), Exponential(1.0, 1.0), 3.0, 1.0, steps=6000) for k in (100.0, 1.0))
    lopsided = snapshot(Custom(_lopsided, None), Exponential(1.0, 1.0), 3.0, 1.0, cells=6000, steps=4000)
    cases: list[tuple[str, list[Snapshot], int, float, float]] = [  # copies; cooling time and moment, if there is a law
        (QUADRATIC, [quadratic[6.0]], 1, 6.0, 6.0),
        (QUADRATIC, [quadratic[20.0]], 1, 20.0, 6.0),
        ("two equal parameters", [two], 2, 10.0, 6.0),
        ("one parameter, quartic", [quartic], 1, 0.0, 0.0),
        ("two wells after a quench", [frozen[0.05]], 1, 0.0, 0.0),
        ("two wells after a quench", [frozen[0.15]], 1, 0.0, 0.0),
        ("a hundred equal parameters", [fast], 100, 1.5, 3.0),
        ("curvatures 100 and 1", [stiff, soft], 1, 0.0, 0.0),
        ("one parameter, lopsided well", [lopsided], 1, 0.0, 0.0),
    ]
    rows: Rows = []
    table: Rows = []
    for task, (name, snapshots, copies, tau, moment) in enumerate(cases):
        found = condition_of(snapshots, copies, stream(seed, "condition", task), samples)
        if found.ratio.value > MET:
            raise RuntimeError(f"expected a case that meets the condition, got a ratio of {found.ratio.value}: {name}")
        at = {"loss": name, "ratio": float(f"{found.ratio.value:.3g}"), "stiffness": round(found.stiffness, 1)}
        law = copies * float(gaussian_divergence(_lag(tau, moment))) if tau else None
        claim = {"stated": SETTLED, "relation": "<=", "condition": found.stiffness <= 3, "reading": WITHIN}
        rows.append({"at": at, "measured": found.apart_within, "corrected": law, **claim})
        if tau:
            ratio = float(quasistatic_ratio(_lag(tau, moment), copies))
            rows.append({"at": {**at, "quantity": "R"}, "measured": found.ratio, "corrected": ratio, **ZEROS})
            rows.append({"at": {**at, "quantity": "divergence"}, "measured": found.apart, "corrected": law})
        apart = {"within": found.apart_within.value, "all": found.apart.value}
        table.append({"case": name, "R": found.ratio.value, "stiffness": found.stiffness, **apart})
    return rows, table


def _whole(frozen: dict[float, Snapshot]) -> Rows:
    claim = {"stated": SETTLED, "relation": "<=", "reading": "averages, settled across the wells too"}
    return [
        {
            "at": {"loss": "two wells after a quench", "T": T, "ratio": float(f"{one.ratio.value:.3g}")},
            "measured": one.apart,
        }
        | claim
        for T, one in frozen.items()
    ]


def _pointwise(quadratic: dict[float, Snapshot]) -> Rows:
    return [
        {
            "at": {"tau": tau, "quantity": "share of runs where the ratio is below a tenth"},
            "measured": met_share(one, MET),
            "stated": 1.0,
            "corrected": float(pointwise_share(_lag(tau, 6.0), MET)),
            "reading": "point by point",
        }
        for tau, one in quadratic.items()
    ]


def _unrepaired(quadratic: dict[float, Snapshot]) -> Rows:
    """The same states passed through ten times faster: without the mobility the ratio is ten times larger."""
    rows: Rows = []
    for tau in (6.0, 20.0):
        one = snapshot(harmonic(), Exponential(1.0, tau / 10, mobility_start=10.0), 0.6, 1.0).ratio
        raw = Estimate(10 * one.value, 10 * one.stderr, 1)
        laws = {"stated": quadratic[tau].ratio.value, "corrected": 10 * float(quasistatic_ratio(_lag(tau, 6.0)))}
        at = {"tau": tau / 10, "mobility": 10.0}
        rows.append({"at": at, "measured": raw, **laws, "reading": "as written, without the mobility", **ZEROS})
    return rows


def _lag(tau: float, moment: float) -> float:
    return float(lag(1.0, Exponential(1.0, tau), [0, moment])[-1])


def _lopsided(x: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(np.where(np.asarray(x) < 0, 2500.0, 1.0) / 2 * np.asarray(x) ** 2)
