"""Back-test of ``time_to_target`` on kinds of curves that it was not built on, beside three rivals.

``python -m benchmarks.time_to_target [runs]`` prints a row for each kind: questions refused, share of the intervals
that hold the truth, and the median factor of error of the tool and of each rival on the questions that the tool
answered. The truth is where the curve without its noise meets the target.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.optimize import curve_fit
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

from trainphys.errors import NotIdentifiable
from trainphys.tools.time_to_target.forecast import time_to_target

Array = np.ndarray
LOOKS = 300
RIVALS = ("last third", "power law with floor", "ensemble of shapes")


@dataclass(frozen=True)
class Run:
    """Losses as seen, the same without noise, and the schedule where there is one."""

    seen: Array
    clean: Array
    rates: Array | None = None


def seen_with(noise: float, clean: Array, rng: np.random.Generator, rates: Array | None = None) -> Run:
    """A curve whose single losses scatter by a relative noise."""
    return Run(clean * np.exp(noise * rng.standard_normal(len(clean)) - noise**2 / 2), clean, rates)


def schedule(name: str, looks: int = LOOKS) -> Array:
    """Rates over the first one."""
    p = np.arange(looks) / looks
    shapes = {
        "constant": np.ones(looks),
        "cosine": (1 + np.cos(np.pi * p)) / 2,
        "linear": 1 - p,
        "drops": np.where(p < 0.4, 1.0, np.where(p < 0.75, 0.1, 0.01)),
        "warm-up": np.minimum(1.0, (np.arange(looks) + 1) / (0.1 * looks)),
        "restarts": (1 + np.cos(np.pi * (3 * p % 1.0))) / 2,
    }
    return shapes[name]


def noisy_quadratic(name: str, rng: np.random.Generator) -> Run:
    """Expected loss of SGD on a hundred modes with gradient noise, mode by mode; single losses scatter by 2 %."""
    h = np.arange(1.0, 101.0) ** -rng.uniform(0.8, 1.6)
    size = h ** rng.uniform(0.0, 0.5) * rng.chisquare(1, len(h))
    noise = 10 ** rng.uniform(-5, -3)
    eta = rng.uniform(0.2, 0.8) * schedule(name)
    loss = np.empty(LOOKS)
    for k in range(LOOKS):
        loss[k] = h @ size / 2
        for _ in range(4):  # updates between two looks
            size = (1 - eta[k] * h) ** 2 * size + eta[k] ** 2 * noise * h
    return seen_with(0.02, loss, rng, None if name == "constant" else eta)


def digits(name: str, rng: np.random.Generator) -> Run:
    """Softmax regression on handwritten digits, batches of 64: their losses seen, that on all samples the truth."""
    x, labels = load_digits(return_X_y=True)
    x = np.hstack([x / 16.0, np.ones((len(x), 1))])
    eta = 10 ** rng.uniform(-1.3, -0.3) * schedule(name)
    w, clean, seen, target = np.zeros((65, 10)), np.empty(LOOKS), np.empty(LOOKS), np.eye(10)[labels]
    for k in range(LOOKS):
        clean[k] = _cross_entropy(x @ w, labels)
        batch_losses = []
        for _ in range(5):
            i = rng.integers(len(x), size=64)
            z = x[i] @ w
            batch_losses.append(_cross_entropy(z, labels[i]))
            q = np.exp(z - z.max(axis=1, keepdims=True))
            w -= eta[k] * x[i].T @ (q / q.sum(axis=1, keepdims=True) - target[i]) / 64
        seen[k] = np.mean(batch_losses)
    return Run(seen, clean, None if name == "constant" else eta)


def _cross_entropy(z: Array, labels: Array) -> float:
    z = z - z.max(axis=1, keepdims=True)
    return float((np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), labels]).mean())


def power_law(rng: np.random.Generator, floor: float = 0.0) -> Run:
    t = np.arange(1.0, LOOKS + 1)
    clean = floor * rng.uniform(0.5, 1.0) + rng.uniform(1, 5) * (t + rng.uniform(0, 10)) ** -rng.uniform(0.15, 1.0)
    return seen_with(10 ** rng.uniform(-2.3, -1.3), clean, rng)


def stretched(rng: np.random.Generator) -> Run:
    t = np.arange(LOOKS)
    clean = np.exp(-((t / rng.uniform(10, 80)) ** rng.uniform(0.4, 0.9)))
    return seen_with(10 ** rng.uniform(-2.3, -1.3), clean, rng)


def geometric_with_floor(rng: np.random.Generator) -> Run:
    t = np.arange(LOOKS)
    clean = rng.uniform(0.02, 0.2) + np.exp(-t / rng.uniform(30, 120))
    return seen_with(0.02, clean, rng)


def plateau_then_drop(rng: np.random.Generator) -> Run:
    t = np.arange(LOOKS)
    clean = 0.02 + 0.7 / (1 + np.exp((t - LOOKS * rng.uniform(0.3, 0.8)) / rng.uniform(4, 15)))
    return seen_with(0.02, clean * (1 + t) ** -0.02, rng)


def double_descent(rng: np.random.Generator) -> Run:
    t = np.arange(1.0, LOOKS + 1)
    bump = rng.uniform(0.2, 0.6) * np.exp(-((np.log(t / (LOOKS * rng.uniform(0.2, 0.5))) / 0.35) ** 2))
    return seen_with(0.02, 2 * t ** -rng.uniform(0.3, 0.6) * (1 + bump * t**0.3), rng)


def two_phases(rng: np.random.Generator) -> Run:
    """A fast part and a slow part, as in a network that learns first a line and then the rest."""
    t = np.arange(LOOKS)
    clean = np.exp(-t / rng.uniform(5, 20)) + rng.uniform(0.05, 0.4) * np.exp(-t / rng.uniform(80, 300))
    return seen_with(0.02, clean, rng)


KINDS: dict[str, Callable[[np.random.Generator], Run]] = {
    **{f"noisy quadratic, {s}": partial(noisy_quadratic, s)
       for s in ("constant", "cosine", "linear", "drops", "warm-up", "restarts")},
    **{f"digits, {s}": partial(digits, s) for s in ("constant", "cosine", "drops", "warm-up")},
    "power law": power_law, "power law with a floor": partial(power_law, floor=0.5),
    "stretched exponential": stretched, "geometric with a floor": geometric_with_floor,
    "plateau, then a drop": plateau_then_drop, "double descent": double_descent, "two phases": two_phases,
}  # fmt: skip


def last_third(y: Array, target: float) -> float:
    late = np.log(y[-len(y) // 3 :])
    slope, level = np.polyfit(np.arange(len(late)) - (len(late) - 1.0), late, 1)
    return (level - math.log(target)) / -slope if slope < 0 else math.inf


SHAPES: dict[str, tuple[Callable[..., Array], tuple[float, ...]]] = {
    "power": (lambda t, c, a, f: f + np.exp(c) * t**-a, (0.0, 0.5, 0.0)),
    "exponential": (lambda t, c, a, f: f + np.exp(c - a * t), (0.0, 2.0, 0.0)),
    "logarithm": (lambda t, c, a, f: f + np.exp(c) / np.log(t + np.exp(a) + 1.01), (0.0, 0.0, 0.0)),
    "stretched": (lambda t, c, a, b: np.exp(c - np.exp(a) * t**b), (0.0, 0.0, 0.5)),
}


def by_shape(name: str, y: Array, target: float) -> tuple[float, float]:
    """Looks to the target by one shape of three numbers, fitted to the last three quarters, and its log-likelihood."""
    n, first, (curve, start) = len(y), len(y) // 4, SHAPES[name]
    t, scale = np.arange(1.0, n + 1) / n, y[-1]
    try:
        x, _ = curve_fit(curve, t[first:], y[first:] / scale, p0=start, sigma=y[first:] / scale, maxfev=2000)
    except (RuntimeError, ValueError):
        return math.inf, -math.inf
    ahead = np.geomspace(1.0, 30.0, 3000)
    below = np.flatnonzero(curve(ahead, *x) <= target / scale)
    rss = float(((curve(t[first:], *x) * scale / y[first:] - 1) ** 2).mean())
    return (n * (ahead[below[0]] - 1) if below.size else math.inf), -0.5 * (n - first) * math.log(max(rss, 1e-300))


def ensemble(y: Array, target: float) -> float:
    found = [by_shape(name, y, target) for name in SHAPES]
    weight = np.exp(np.array([w for _, w in found]) - max(w for _, w in found))
    order = np.argsort([s for s, _ in found])
    share = np.cumsum(weight[order]) / weight.sum()
    return found[order[int(np.searchsorted(share, 0.5))]][0]


@dataclass
class Row:
    asked: int = 0
    refused: int = 0
    held: int = 0
    errors: dict[str, list[float]] | None = None

    def median(self, name: str) -> float:
        """Median factor of error; infinite where most questions got no number."""
        found = (self.errors or {}).get(name, [])
        return float(np.exp(np.median(found))) if found else math.nan


def question(run: Run, rng: np.random.Generator) -> tuple[int, float, float] | None:
    """Looks seen, target and looks that are left: the curve without noise has not been there before."""
    seen = int(rng.uniform(0.25, 0.7) * LOOKS)
    target = float(run.clean[int(rng.uniform(seen + 5, LOOKS - 2))])
    if target >= 0.97 * run.clean[:seen].min():
        return None
    first = int(np.argmax(run.clean <= target))
    return seen, target, float(first - (seen - 1))


def back_test(kind: str, runs: int, seed: int = 0) -> Row:
    """One question a run."""
    rng = np.random.default_rng([seed, *kind.encode()])
    row = Row(errors={name: [] for name in ("ours", *RIVALS)})
    assert row.errors is not None
    for _ in range(runs):
        run = KINDS[kind](rng)
        asked = question(run, rng)
        if asked is None:
            continue
        seen, target, truth = asked
        y = run.seen[:seen]
        row.asked += 1
        try:
            found = time_to_target(y, target, rates=run.rates)
        except NotIdentifiable:
            row.refused += 1
            continue
        row.held += found.low <= truth <= found.high
        rivals = (last_third(y, target), by_shape("power", y, target)[0], ensemble(y, target))
        for name, steps in zip(("ours", *RIVALS), (found.value, *rivals), strict=True):
            row.errors[name].append(abs(math.log(max(steps, 0.5) / truth)) if steps < math.inf else math.inf)
    return row


def main(runs: int = 60) -> None:
    print(f"{'kind':28} {'asked':>5} {'refused':>7} {'held':>6} {'ours':>6} " + " ".join(f"{r:>20}" for r in RIVALS))
    for kind in KINDS:
        with threadpool_limits(1), np.errstate(all="ignore"):
            row = back_test(kind, runs)
        answered = row.asked - row.refused
        held = f"{row.held / answered:6.0%}" if answered else "     -"
        print(f"{kind:28} {row.asked:5} {row.refused:7} {held} {row.median('ours'):6.2f} "
              + " ".join(f"{row.median(r):20.2f}" for r in RIVALS), flush=True)  # fmt: skip


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
