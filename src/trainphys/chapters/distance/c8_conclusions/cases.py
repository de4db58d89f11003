"""Evidence for the conclusions: each case names a claim, its conditions, what was measured and what was predicted."""

from __future__ import annotations

from typing import Any

import numpy as np

from trainphys.arrays import Array, Integers
from trainphys.chapters.distance.c8_conclusions.layered_digits import (
    LayeredRuns,
    start_losses_and_epochs,
    train_layered,
)
from trainphys.chapters.distance.c8_conclusions.simple_models import exact_law_misses, mean_squares, own_minimum
from trainphys.chapters.distance.c8_conclusions.slowness import (
    ratio_of_means,
    saving_by_start,
    slowness_by_group,
    slowness_by_parameter,
)
from trainphys.chapters.distance.c8_conclusions.straightness import held_out_share
from trainphys.chapters.distance.shared.forensics import SCORES_PRINTED
from trainphys.chapters.distance.shared.line_fits import first_below
from trainphys.ensemble.kept import kept
from trainphys.estimate import Estimate
from trainphys.laws.contraction import epochs_between, epochs_remaining
from trainphys.xor.configurations import RECONSTRUCTED, report_rows
from trainphys.xor.landscape import solution, solvable
from trainphys.xor.staircase import effective_tolerance
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train

Case = tuple[str, dict[str, Any]]  # id of a claim, arguments of its comparison


ELABORATE = (
    "gradient boosting",
    "random forest",
    "RBF kernel",
    "neural net, 3 layers",
    "neural net, 2 layers",
    "polynomial, degree 2",
    "polynomial, degree 3",
)


CHOICE_COST = 10 / 3  # ten forward passes for each start kept; a forward pass is a third of an epoch


ORDINARY = ("pytorch", "uniform", "half normal", "normal")  # starts whose bias is as wide as their weights


def model_cases(*, reports: int, runs: int, seed: int) -> tuple[list[Case], dict[str, Array]]:
    """Can the time be predicted, and do simple models do better (C0.1a, C8.1b)?

    Args:
        reports: pairs of reports, >= 2.
        runs: converged runs for the exact law, >= 1.
        seed: root seed, >= 0.

    Returns:
        Cases, and the shares of variance explained by model, all configurations together.

    Raises:
        ValueError: as ``mean_squares``.
    """
    cases: list[Case] = []
    shares: dict[str, list[Array]] = {}
    readings = {
        "boosted trees": (
            "the document's features",
            "few pairs; trees that saw no trapped run do not know those to come",
        ),
        "logarithm": ("the current parameters alone", ""),
    }
    for c in RECONSTRUCTED:
        table = kept(mean_squares, configuration=c, reports=reports, seed=seed)
        for model, square in table.items():
            shares.setdefault(model, []).append(1.0 - square / table["variance"])
        for model, (reading, weak) in readings.items():
            measured = Estimate.from_samples(shares[model][-1])
            at = {"configuration": c.name, "model": model}
            kind = {"reading": reading, "stated": 0.96, "relation": ">=", "weak_because": weak}
            cases.append(("C0.1a", {"at": at, "measured": measured, **kind}))
        at = {"configuration": c.name, "squared error": "boosted trees over linear regression"}
        measured = Estimate.from_samples(table["boosted trees"] / table["linear"].mean())
        reading = "our table, new runs"
        cases.append(("C8.1b", {"at": at, "measured": measured, "stated": 1.0, "relation": ">=", "reading": reading}))
    below = np.mean([SCORES_PRINTED[m] < SCORES_PRINTED["linear regression"] for m in ELABORATE])
    exact = {"rtol": 1e-12, "rtol_reason": "a count", "reading": "the document's own table"}
    at = {"elaborate models": "share of the seven that do worse than the line"}
    cases.append(("C8.1b", dict(at=at, measured=Estimate(float(below), 0.0, 7), stated=1.0, **exact)))
    for c in RECONSTRUCTED[:2]:
        at = {"configuration": c.name, "exact law": "share of states that it misses"}
        measured = exact_law_misses(c, runs=runs, seed=seed)
        cases.append(("C8.1b", {"at": at, "measured": measured, "corrected": 0.0, "reading": "the exact law"}))
    return cases, {model: np.concatenate(values) for model, values in shares.items()}


def proportion_cases(*, runs: int, seed: int) -> tuple[list[Case], dict[str, tuple[Array, Integers]]]:
    """Is time proportional to distance (C8.1a)?

    Args:
        runs: converged runs of each configuration, >= 8.
        seed: root seed, >= 0.

    Returns:
        Cases, and for each configuration starting distance and epochs of its runs.

    Raises:
        ValueError: as ``report_rows``.
    """
    cases: list[Case] = []
    whole = {}
    for c in RECONSTRUCTED[:2]:
        rows = report_rows(c, seed, runs=runs)
        d = np.linalg.norm(rows.state - own_minimum(rows.state), axis=0)
        odd, n = rows.run % 2 == 1, rows.remaining
        slope = (d * n)[~odd].sum() / (d**2)[~odd].sum()
        at = {x: first_below(rows, np.where(odd, d, np.inf), x) for x in (0.2, 0.1, 0.05, 0.01, 0.001)}
        for x in (0.2, 0.05, 0.01):
            law = epochs_remaining(d[at[x]], rate=c.rate, tolerance=effective_tolerance(c)).mean()
            case = {"measured": Estimate.from_samples(n[at[x]]), "stated": slope * d[at[x]].mean(), "corrected": law}
            where = {"configuration": c.name, "distance below": x}
            cases.append(("C8.1a", dict(at=where, reading="time over distance", **case)))
        for far, near in ((0.2, 0.1), (0.01, 0.001)):
            i, j = at[far][np.isin(rows.run[at[far]], rows.run[at[near]])], at[near]
            ratio = d[i] / d[j]
            case = {"measured": Estimate.from_samples(n[i] - n[j]), "stated": (n[j] * (ratio - 1)).mean()}
            where = {"configuration": c.name, "from": far, "to": near}
            law = epochs_between(ratio, c.rate).mean()
            cases.append(("C8.1a", dict(at=where, reading="price of a distance", corrected=law, **case)))
        first = np.flatnonzero(np.append(True, np.diff(rows.run) != 0))
        found = held_out_share(rows.run[first], d[first], n[first], seed=seed)
        where = {"configuration": c.name, "share explained": "whole runs"}
        reading = "any line, distance at the start"
        few = "a few starts very near a solution weigh much"
        kind = {"relation": ">=", "reading": reading, "weak_because": few}
        cases.append(("C8.1a", dict(at=where, measured=found, stated=0.9666, **kind)))
        whole[c.name] = (d[first], n[first])
    return cases, whole


def wide_and_narrow(*, networks: int, seed: int) -> tuple[LayeredRuns, LayeredRuns]:
    """ReLU networks on digits from small and from large starting weights, to a training loss of 1/2."""
    common: dict[str, Any] = {"activation": "relu", "targets": (0.5,), "runs": networks, "seed": seed}
    small, large = (kept(train_layered, gain=gain, **common)[0.5] for gain in (0.4, 5.0))
    return small, large


def slowness_cases(*, runs: int, networks: int, seed: int) -> list[Case]:
    """Is slowness distance (C0.1b)? ``stated`` is what ordinary starts take from equally far.

    Args:
        runs: starts of an ensemble, >= 1000.
        networks: of each size of starting weights, >= 2.
        seed: root seed, >= 0.

    Raises:
        ValueError: too few starts in a group.
    """
    cases: list[Case] = []

    def add(set_up: str, starts: str, measured: Estimate, as_far: float, condition: bool, **kind: Any) -> None:
        at = {"set-up": set_up, "starts": starts}
        cases.append(("C0.1b", dict(at=at, measured=measured, stated=as_far, condition=condition, **kind)))

    near = {"rtol": 2e-3, "rtol_reason": "equally far means among the 25 nearest, not exactly"}
    for kind in ("pytorch", "uniform, zero bias"):
        for name, (epochs, as_far) in slowness_by_group(kind, rate=0.1, runs=runs, seed=seed).items():
            add(f"full batch, {kind}", name, epochs, as_far, True, **near)
    for scales in ((1.0, 1.0), (1.0, 0.5)):
        one, other, _ = slowness_by_parameter(scales, rate=0.1, runs=2000, seed=seed)
        add(f"full batch, inputs 1 and {scales[1]:g}", "error in $w_2$", other, one.value, scales[1] == 1)
    freed = slowness_by_group("pytorch", rate=0.1, runs=runs, seed=seed, method="per-sample")["trapped cone"]
    add(
        "single samples, pytorch", "trapped cone", *freed, False, weak_because="escapes scatter over a decade of epochs"
    )
    start = draw_starts("pytorch", runs, seed)
    outside = start[~solvable(start.T)]
    done = train(outside, rate=0.1, tolerance=1e-7, max_epochs=60).converged
    share = Estimate.from_count(int(done.sum()), len(outside))
    add("full batch, pytorch", "trapped cone, share that converges", share, 1.0, False)
    small, large = wide_and_narrow(networks=networks, seed=seed)
    ratio = ratio_of_means(large.remaining[large.first()], small.remaining[small.first()])
    add("digits, ReLU", "large weights over small, epochs", ratio, 1.0, False, relation=">=")
    return cases


def choosing_cases(*, runs: int, networks: int, choices: int, seed: int) -> tuple[list[Case], list[dict[str, Any]]]:
    """What choosing starts saves, and by what (C8.2a, C8.3c).

    Args:
        runs: starts of an ensemble, >= 200.
        networks: of each size of starting weights, >= 2.
        choices: networks from which a tenth is chosen, >= 20.
        seed: root seed, >= 0.

    Returns:
        Cases, and one row a set-up: epochs of all, epochs saved by a shorter distance and by leaving out traps.

    Raises:
        ValueError: too few starts.
    """
    cases: list[Case] = []
    table: list[dict[str, Any]] = []
    small_tenth = "a small difference between large times; told from the cost all the same"
    pays: dict[str, Any] = {"stated": CHOICE_COST, "relation": ">=", "reading": "the choice pays for itself"}
    pays["weak_because"] = small_tenth
    known = {c.starts: c for c in RECONSTRUCTED}
    for kind in (*known, *ORDINARY):
        c = known.get(kind)
        rate, method = (c.rate, c.method) if c else (0.1, "full-batch")
        saved = saving_by_start(kind, rate=rate, method=method, runs=runs, seed=seed)
        at = {"starts": kind, "of the saving": "share due to distance"}
        share = Estimate.from_samples(saved["share"])
        cases.append(
            ("C8.2a", {"at": at, "measured": share, "stated": 0.5, "relation": ">=", "condition": c is not None})
        )
        table.append({"starts": kind, **{name: float(v.mean()) for name, v in saved.items()}})
        if c is not None:
            proportion: dict[str, Any] = {
                "measured": Estimate.from_samples(saved["nearest"] / saved["all"].mean()),
                "stated": (saved["d_nearest"] / saved["d_all"]).mean(),
                "corrected": _logarithmic_ratio(kind, rate, runs, seed + 1) if method == "full-batch" else None,
                "rtol": 0.01,
                "rtol_reason": "the prediction comes from another draw of starts",
            }
            at = {"starts": kind, "epochs": "kept over all"}
            cases.append(("C8.3c", dict(at=at, reading="in proportion to distance", **proportion)))
            at = {"starts": kind, "epochs": "saved by the choice"}
            cases.append(
                ("C8.3c", dict(at=at, measured=Estimate.from_samples(saved["all"] - saved["nearest"]), **pays))
            )
    small, large = wide_and_narrow(networks=networks, seed=seed)
    ratio = ratio_of_means(large.remaining[large.first()], small.remaining[small.first()])
    at = {"starts": "digits, ReLU", "epochs": "from far over from near"}
    cases.append(("C8.2a", {"at": at, "measured": ratio, "stated": 1.0, "relation": ">=", "condition": False}))
    for activation in ("tanh", "relu", "two-sided"):
        height, n = kept(start_losses_and_epochs, activation=activation, target=0.5, runs=choices, seed=seed)
        best = np.argsort(height)[: len(n) // 10]
        error = n[best].std(ddof=1) / np.sqrt(len(best))
        saving = Estimate(n.mean() - n[best].mean(), float(error), len(n), len(best) - 1)
        at = {"network": activation, "epochs": "saved by the choice"}
        cases.append(("C8.3c", dict(at=at, measured=saving, **pays)))
        table.append({"starts": f"digits, {activation}", "all": n.mean(), "nearest": n[best].mean(), "trapped": 0.0})
    return cases, table


def _logarithmic_ratio(kind: str, rate: float, runs: int, seed: int) -> float:
    """Mean epochs of the nearest tenth over those of all, by the exact law, on starts of its own."""
    theta = draw_starts(kind, runs, seed).T
    d = np.linalg.norm(theta - solution(theta), axis=0)
    near = np.sort(d)[: runs // 10]
    law = {"rate": rate, "tolerance": 1e-7}
    return float(epochs_remaining(near, **law).mean() / epochs_remaining(d[solvable(theta)], **law).mean())
