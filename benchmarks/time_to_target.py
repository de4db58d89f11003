"""Back-test of ``time_to_target`` on kinds of curves that it was not built on, beside three rivals.

``python -m benchmarks.time_to_target [runs]`` prints a row for each kind of ``time_to_target_curves``. For targets that
are reached: shares of questions refused, of intervals without an upper end, of intervals that hold the truth, all and
those with an end alone; median width (upper end over lower end, where there is one); and of the tool and of each rival
the median of forecast over truth and the median factor of error, on the questions that the tool answered. A rival
without an answer counts as infinitely wrong. The truth is where the curve without its noise meets the target. For
targets that are never reached: questions refused, intervals without an upper end, and those with one, which are wrong;
and how often each rival says never where the tool answered. Where losses stand at uneven steps, the tool is told them.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import curve_fit
from threadpoolctl import threadpool_limits

from benchmarks.as_logged import AS_LOGGED
from benchmarks.time_to_target_curves import FRESH, HELD_OUT, KINDS, LOOKS, NEVER, Array, Run
from trainphys.errors import NotIdentifiable
from trainphys.tools.time_to_target.forecast import time_to_target

RIVALS = ("last third", "power law with floor", "ensemble of shapes")
NAMES = ("ours", *RIVALS)
REACHED = KINDS | HELD_OUT | FRESH | AS_LOGGED
ALL = REACHED | NEVER


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
    """What the questions of one kind came to."""

    asked: int = 0
    refused: int = 0
    held: int = 0
    open: int = 0  # intervals without an upper end
    held_with_end: int = 0
    widths: list[float] = field(default_factory=list)
    ratios: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in NAMES})  # forecast over truth

    @property
    def answered(self) -> int:
        return self.asked - self.refused

    def error(self, name: str) -> float:
        """Median factor of error; infinite where most questions got no number."""
        return float(np.exp(np.median(np.abs(np.log(self.ratios[name]))))) if self.ratios[name] else math.nan

    def ratio(self, name: str) -> float:
        """Median of the forecast over the truth; infinite where most questions got no number."""
        return float(np.median(self.ratios[name])) if self.ratios[name] else math.nan

    def never(self, name: str) -> int:
        """Answers that the target is never reached, of a kind whose target is not."""
        return sum(math.isinf(ratio) for ratio in self.ratios[name])


def question(run: Run, rng: np.random.Generator) -> tuple[int, float, float] | None:
    """Looks seen, target and looks that are left; the curve without noise has not been there before."""
    seen = int(rng.uniform(0.25, 0.7) * LOOKS)
    if run.floor > 0:
        return seen, run.floor * rng.uniform(0.7, 0.98), math.inf
    at = np.arange(1.0, LOOKS + 1) if run.at is None else run.at
    target = float(run.clean[int(rng.uniform(seen + 5, LOOKS - 2))])
    if target >= 0.97 * run.clean[:seen].min():
        return None
    first = int(np.argmax(run.clean <= target))
    return seen, target, float(at[first] - at[seen - 1])


def back_test(kind: str, runs: int, seed: int = 0) -> Row:
    """One question a run; a rival counts where the tool answered."""
    rng, row = np.random.default_rng([seed, *kind.encode()]), Row()
    for _ in range(runs):
        run = ALL[kind](rng)
        asked = question(run, rng)
        if asked is None:
            continue
        seen, target, truth = asked
        y, at = run.seen[:seen], None if run.at is None else run.at[:seen]
        row.asked += 1
        try:
            found = time_to_target(y, target, rates=run.rates, steps=at)
        except NotIdentifiable:
            row.refused += 1
            continue
        holds = found.low <= truth <= found.high
        row.held += holds
        row.open += bool(found.no_upper_end)
        row.held_with_end += holds and not found.no_upper_end
        if math.isfinite(found.high):
            row.widths.append(found.high / max(found.low, 0.5))
        every = 1.0 if at is None else float(at[-1]) / seen  # rivals take the mean distance for each
        rivals = (last_third(y, target), by_shape("power", y, target)[0], ensemble(y, target))
        for name, steps in zip(NAMES, (found.value, *(every * steps for steps in rivals)), strict=True):
            row.ratios[name].append(max(steps, 0.5) / (1.0 if math.isinf(truth) else truth))
    return row


def reached_line(kind: str, row: Row) -> str:
    """A kind whose target is reached: refusals, open intervals, coverage, width, bias and error, and the rivals'."""
    with_end = row.answered - row.open
    if not row.answered:
        return f"{kind:28} {row.asked:5} {1:8.0%}"
    ended = row.held_with_end / with_end if with_end else math.nan
    shares = (row.refused / row.asked, row.open / row.answered, row.held / row.answered, ended)
    errors = " ".join(f"{row.ratio(name):9.2f} {row.error(name):6.2f}" for name in NAMES)
    return (
        f"{kind:28} {row.asked:5} "
        + " ".join(f"{s:8.0%}" for s in shares)
        + f" {np.median(row.widths or [math.nan]):6.1f} {errors}"
    )


def never_line(kind: str, row: Row) -> str:
    """A kind whose target is never reached: refusals, open intervals, those with an end, and rivals that say never."""
    rivals = " ".join(f"{row.never(name):20}" for name in RIVALS)
    return f"{kind:28} {row.asked:5} {row.refused:8} {row.open:8} {row.answered - row.open:8} {rivals}"


def main(runs: int = 60) -> None:
    """Two tables: targets that are reached, and targets that are not."""
    print(f"{'reached':28} {'asked':>5} {'refused':>8} {'no end':>8} {'held':>8} {'with end':>8} {'width':>6} "
          + " ".join(f"{name.split(' of')[0]:>16}" for name in NAMES))  # fmt: skip
    print(f"{'':77} " + " ".join(f"{'ratio':>9} {'error':>6}" for _ in NAMES))
    with threadpool_limits(1), np.errstate(all="ignore"):
        for kind in REACHED:
            print(reached_line(kind, back_test(kind, runs)), flush=True)
        print(f"\n{'never reached':28} {'asked':>5} {'refused':>8} {'no end':>8} {'an end':>8} "
              + " ".join(f"{name + ': never':>20}" for name in RIVALS))  # fmt: skip
        for kind in NEVER:
            print(never_line(kind, back_test(kind, runs)), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
