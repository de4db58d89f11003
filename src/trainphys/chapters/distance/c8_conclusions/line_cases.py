"""Evidence on when a line in the distance serves: two-sided units, deeper networks, and walks of known slow-down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from trainphys.arrays import Array
from trainphys.chapters.distance.c8_conclusions.layered_digits import Activation, LayeredRuns, train_layered
from trainphys.chapters.distance.c8_conclusions.straightness import held_out_share, line_share_epochs
from trainphys.chapters.distance.c8_conclusions.two_sided import TwoSidedRuns, free_unit_factor, train_two_sided
from trainphys.ensemble.kept import kept
from trainphys.ensemble.streams import stream
from trainphys.estimate import Estimate
from trainphys.laws.contraction import contraction_factor
from trainphys.laws.straight_line import slowdown_limit
from trainphys.xor.run_records import records
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train

Case = tuple[str, dict[str, Any]]  # id of a claim, arguments of its comparison


REPORTED_SHARE = 0.9666


NETWORKS: tuple[tuple[Activation, int], ...] = tuple(
    (activation, depth) for depth in (2, 3) for activation in ("tanh", "relu", "two-sided")
)


EARLY, LATE = 0.5, 0.01  # training losses that end a run, nats


@dataclass(frozen=True, slots=True)
class Straightness:
    """How well a line serves some runs.

    Attributes:
        runs: which.
        slowdown: first step over last step, median over the runs.
        share: of the variance of the epochs remaining, explained by a line on runs not seen.
    """

    runs: str
    slowdown: float
    share: float


def _line_case(claim: str, runs: str, share: Estimate, slowdown: Array, **more: Any) -> Case:
    """The condition: nine runs of ten slow down by less than ``slowdown_limit``."""
    most = float(np.quantile(slowdown, 0.9))
    condition = most < slowdown_limit(REPORTED_SHARE)
    common: dict[str, Any] = {"stated": REPORTED_SHARE, "relation": ">=", "condition": condition}
    return claim, dict(at={"runs": runs, "slow-down": round(most, 4)}, measured=share, **{**common, **more})


def walk_cases(*, seed: int) -> tuple[list[Case], list[Straightness]]:
    """Full-batch runs from one distance in random directions: slow-downs of every size, the exact share (C8.3d).

    Args:
        seed: root seed, >= 0.
    """
    cases, points = [], []
    exact: dict[str, Any] = {"rtol": 1e-9, "rtol_reason": "rounding of double precision", "reading": "walks"}
    for rate, epochs in ((0.05, 8), (0.1, 5), (0.2, 3), (0.2, 5), (0.05, 30), (0.1, 15), (0.1, 33), (0.2, 12)):
        unit = stream(seed, "directions", epochs).standard_normal((200, 3))
        starts = np.array([0.5, -0.5, 0.0]) + 0.4 * unit / np.linalg.norm(unit, axis=1)[:, None]
        k = contraction_factor(rate)
        done = train(starts, rate=rate, tolerance=(0.4 * k ** (epochs - 0.5)) ** 2, max_epochs=epochs + 2)
        rows = records(done, goal="last")
        share = Estimate(float(np.corrcoef(rows.l2, rows.remaining)[0, 1]) ** 2, 0.0, 200)
        name, slow = f"rate {rate:g}, {epochs} epochs", np.array([k ** (1.0 - epochs)])
        law = float(line_share_epochs(rate, epochs))
        # The sample path has no error: the stated bound and the exact share are compared one by one.
        cases.append(_line_case("C8.3d", name, share, slow, reading="walks"))
        cases.append(("C8.3d", dict(at={"runs": name, "share": "exact"}, measured=share, corrected=law, **exact)))
        points.append(Straightness("walk", float(slow[0]), share.value))
    return cases, points


def two_sided_cases(*, runs: int, seed: int) -> tuple[list[Case], list[Straightness], dict[str, TwoSidedRuns]]:
    """Tied and free pairs of ReLUs on the document's task, stopped early or run to its tolerance (C8.3a).

    Args:
        runs: starts, >= 100.
        seed: root seed, >= 0.
    """
    cases: list[Case] = []
    points: list[Straightness] = []
    kept_runs: dict[str, TwoSidedRuns] = {}
    first, second = (draw_starts("pytorch", runs, seed + i) for i in (0, 1))
    for units, starts in (("tied", first[:, None]), ("free", np.stack([first, second], axis=1))):
        for when, rate, tolerance in (("stopped early", 0.02, 0.1), ("to the end", 0.1, 1e-7)):
            limit = 250 if units == "free" else 60
            two = train_two_sided(starts, rate=rate, tolerance=tolerance, max_epochs=limit, tied=units == "tied")
            run, d, n = two.to_last()
            share, slow = held_out_share(run, d, n, seed=seed), two.slowdown()
            name = f"{units} units, {when}"
            cases.append(_line_case("C8.3a", name, share, slow))
            points.append(Straightness(name, float(np.median(slow)), share.value))
            kept_runs[name] = two
            if units == "tied":
                same = train(first, rate=rate, tolerance=tolerance, max_epochs=limit).epochs[two.converged].mean()
                where = {"runs": name, "mean epochs": "against those of abs(Wx+b)"}
                measured = Estimate.from_samples(two.epochs[two.converged])
                cases.append(("C8.3a", {"at": where, "measured": measured, "corrected": same}))
    two = kept_runs["free units, to the end"]
    active = two.active[two.converged & (two.epochs > 1)]
    memory: dict[str, Any] = {"rtol": 0.01, "rtol_reason": "a unit that has just left a sample has not forgotten it"}
    for m in (2, 3):
        measured = Estimate.from_samples(two.last_factor()[active == m])
        at: dict[str, Any] = {"runs": "free units, to the end", "last factor, active samples": m}
        cases.append(("C8.3a", dict(at=at, measured=measured, corrected=float(free_unit_factor(m, 0.1)), **memory)))
    zero = np.stack([draw_starts("pytorch, zero bias", 4 * runs, seed + i) for i in (0, 1)], axis=1)
    done = train_two_sided(zero, rate=0.2, tolerance=1e-2, max_epochs=100).converged
    at = {"runs": "free units, zero bias", "share": "converged"}
    cases.append(("C8.3a", {"at": at, "measured": Estimate.from_count(int(done.sum()), len(done)), "corrected": 0.5}))
    return cases, points, kept_runs


def layered_runs(*, networks: int, seed: int) -> dict[tuple[Activation, int], dict[float, LayeredRuns]]:
    """Networks on digits by activation and depth, each stopped at an early and at a late training loss."""
    common: dict[str, Any] = {"targets": (EARLY, LATE), "runs": networks, "seed": seed}
    return {(a, depth): kept(train_layered, activation=a, depth=depth, **common) for a, depth in NETWORKS}


def layered_cases(*, networks: int, seed: int) -> tuple[list[Case], list[Straightness], dict[str, Array]]:
    """Layer-wise distance in deeper networks (C8.3b; those of two-sided units also C8.3a).

    Args:
        networks: of each kind, >= 4.
        seed: root seed, >= 0.

    Returns:
        Cases, points, and shares explained on runs to the late target: by the ``layers``' distances, by the ``total``
        distance, by the logarithm of the ``loss`` that is known at once; and at the ``start`` by the layers' distances.
    """
    cases: list[Case] = []
    points: list[Straightness] = []
    shares: dict[str, list[float]] = {name: [] for name in ("layers", "total", "loss", "start")}
    for (activation, depth), ended in layered_runs(networks=networks, seed=seed).items():
        for target, o in ended.items():
            share = held_out_share(o.run, o.layers, o.remaining, seed=seed)
            name = f"digits, {depth} layers of {activation}, {'stopped early' if target == EARLY else 'to the end'}"
            for claim in ("C8.3b", "C8.3a") if activation == "two-sided" else ("C8.3b",):
                few = "a network that takes far longer than the others weighs much"
                cases.append(_line_case(claim, name, share, o.slowdown, weak_because=few))
            points.append(Straightness(name, float(np.median(o.slowdown)), share.value))
        first = o.first()  # of the late target, the last of the two
        features: dict[str, tuple[Array, Any]] = {"layers": (o.layers, slice(None)), "total": (o.distance, slice(None)),
                    "loss": (np.log(o.loss), slice(None)), "start": (o.distance, first)}  # fmt: skip
        for label, (x, rows) in features.items():
            shares[label].append(held_out_share(o.run[rows], x[rows], o.remaining[rows], seed=seed).value)
    return cases, points, {label: np.array(values) for label, values in shares.items()}
