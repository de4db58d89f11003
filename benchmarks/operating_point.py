"""Back-test of ``operating_point``: does a single new run fall into its interval, at a batch size that was left out?

``python -m benchmarks.operating_point [sweeps]`` asks it on published sweeps and on made-up ones whose law is another,
which it writes into ``operating_point.json`` and ``wrong_laws.json`` for the page of the tools, and on made-up sweeps
of the law. It prints them all.

In each sweep one batch size between the first and the last is left out, the others are given as a table, and updates,
seconds and joules of a new run there are predicted. The learning rate of the new run lies between those of its
neighbours, as the tool says.
"""

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.public_sweeps import SWEEPS, rows
from trainphys.laws.batch_size import steps_to_target
from trainphys.tools.batch_size.costs import costs
from trainphys.tools.batch_size.measured import FEWEST
from trainphys.tools.batch_size.new_run import updates_by_law
from trainphys.tools.batch_size.predicted import Interval
from trainphys.tools.batch_size.sweep_table import read_sweep

RESULTS = Path(__file__).with_suffix(".json")
WRONG = RESULTS.with_name("wrong_laws.json")
SIZES = 2.0 ** np.arange(3, 13)
QUANTITIES = {"updates": "steps", "seconds": "time_s", "joules": "energy_J"}
Row = dict[str, float]
Rng = np.random.Generator


@dataclass
class Tally:
    """New runs that were asked for, those that fell into their interval, and how wide these were."""

    asked: int = 0
    inside: int = 0
    widths: list[float] = field(default_factory=list)

    def add(self, guess: Interval, truth: float) -> None:
        self.asked += 1
        self.inside += bool(guess.low <= truth <= guess.high)
        self.widths.append(guess.high / guess.value)

    def plain(self) -> dict[str, float]:
        """As JSON has it; the width is the upper end over the prediction, in the median."""
        return {"runs": self.asked, "inside": self.inside, "factor": round(float(np.median(self.widths)), 3)}


def predicted(table: list[Row], batch_size: float) -> dict[str, Interval]:
    """A new run at a batch size, as far as the table tells it."""
    sweep, batch = read_sweep(table), np.array([batch_size])
    found = costs(sweep, batch, updates_by_law(sweep, batch))
    named = {"updates": found.steps, "seconds": found.seconds, "joules": found.joules}
    return {name: one.interval(0) for name, one in named.items() if one is not None and np.isfinite(one.value[0])}


def published(name: str) -> dict[str, Tally]:
    """Each batch size of a published sweep left out in its turn, its runs held against the interval."""
    table = rows(name)
    sizes = read_sweep(table).batch_sizes
    found = {quantity: Tally() for quantity in QUANTITIES}
    for size in sizes[1:-1]:
        guesses = predicted([row for row in table if row["batch_size"] != size], size)
        for row in (row for row in table if row["batch_size"] == size):
            for quantity, guess in guesses.items():
                if np.isfinite(truth := row[QUANTITIES[quantity]]):
                    found[quantity].add(guess, truth)
    return {quantity: tally for quantity, tally in found.items() if tally.asked}


@dataclass(frozen=True)
class Machine:
    """Seconds of an update and watts, with the jumps that real ones have."""

    seconds: np.ndarray
    watts: np.ndarray

    @classmethod
    def made(cls, rng: Rng) -> "Machine":
        """Updates take longer where the batch fills the processor; watts rise, saturate and fall a little."""
        full = 2.0 ** rng.uniform(5, 9)
        seconds = 0.01 * (1 + SIZES / full) * rng.lognormal(0, 0.05, len(SIZES))
        watts = 40 + 160 * SIZES / (SIZES + full / 2) - 20 * SIZES / SIZES[-1]
        return cls(seconds, watts * rng.lognormal(0, 0.05, len(SIZES)))


@dataclass(frozen=True)
class Made:
    """A sweep whose truth is known: mean updates at each size, the scatter of runs, how the learning rate is tuned."""

    mean: np.ndarray
    scatter: np.ndarray
    runs: int
    tuned: bool = False  # five rates are tried, half a unit of the logarithm apart; else the best is known
    cut_off: float = np.inf  # updates

    def run(self, k: int, offset: float, rng: Rng) -> float:
        """Updates of one run at a logarithmic distance from the best learning rate."""
        return float(self.mean[k] * (1 + offset**2) * rng.lognormal(0, self.scatter[k]))

    def table(self, machine: Machine, rng: Rng) -> list[Row]:
        found = []
        for k, size in enumerate(SIZES):
            best = rng.uniform(-0.25, 0.25) if self.tuned else 0.0
            for offset in best + (0.5 * np.arange(-2, 3) if self.tuned else np.zeros(1)):
                for _ in range(self.runs):
                    steps = self.run(k, offset, rng)
                    row = {"batch_size": size, "learning_rate": np.exp(offset) * size**0.5}
                    found.append(row | self.cost(k, steps if steps <= self.cut_off else np.inf, machine, rng))
        return found

    def cost(self, k: int, steps: float, machine: Machine, rng: Rng) -> Row:
        seconds, watts = machine.seconds[k] * rng.lognormal(0, 0.02), machine.watts[k] * rng.lognormal(0, 0.02)
        return {"steps": steps, "time_s": steps * seconds, "energy_J": steps * seconds * watts}


def law(rng: Rng) -> np.ndarray:
    fewest, critical = 10 ** rng.uniform(2, 4), 2 ** rng.uniform(5, 10)
    return np.asarray(steps_to_target(SIZES, fewest, critical, rng.uniform(0.7, 2.5)))


def made(rng: Rng, *, runs: int = 1, scatter: float = 0.1, tuned: bool = False) -> Made:
    return Made(law(rng), np.full(len(SIZES), scatter), runs, tuned)


def cut_off(rng: Rng) -> Made:
    """Small batches need many updates; runs beyond a budget are cut off, and so whole sizes get lost."""
    mean = law(rng)
    return Made(mean, np.full(len(SIZES), 0.15), 3, cut_off=float(mean[rng.integers(1, 4)]))


def growing_scatter(rng: Rng) -> Made:
    return Made(law(rng), np.geomspace(0.03, 0.2, len(SIZES)), 4)


def scattered(mean: np.ndarray, rng: Rng) -> Made:
    """Three runs at each size, whose scatter is that of a sweep of its own."""
    return Made(mean, np.full(len(SIZES), rng.uniform(0.02, 0.12)), 3)


def power_law(rng: Rng) -> Made:
    """Updates that fall as a power of the batch size, faster or slower than perfect scaling."""
    return Made(1e5 * SIZES ** -rng.uniform(0.5, 1.1), np.full(len(SIZES), 0.08), 3)


def rising_end(rng: Rng) -> Made:
    """Beyond some batch size more updates are needed again, as with a rate that was not tuned."""
    late = rng.uniform(0.1, 0.3) * (SIZES / SIZES[-1]) ** rng.uniform(0.5, 1.5)
    mean = law(rng)
    return Made(mean * (1 + late), np.full(len(SIZES), 0.08), 3)


def waves(rng: Rng) -> Made:
    """The law times a slow wave, as when one batch size after another meets another bottleneck."""
    wave = rng.uniform(0.1, 0.3) * np.sin(np.log(SIZES) * rng.uniform(0.8, 2) + rng.uniform(0, 6))
    return Made(law(rng) * np.exp(wave), np.full(len(SIZES), 0.08), 3)


def floor_below(rng: Rng) -> Made:
    """No run is shorter than a warm-up, which no batch size saves."""
    mean = law(rng)
    return scattered(np.maximum(mean, mean[-1] * rng.uniform(1.5, 6.0)), rng)


def falls_off(rng: Rng) -> Made:
    """A power of the batch size below one, above a floor: no batch size scales perfectly."""
    share = (rng.uniform(64, 1024) / SIZES) ** rng.uniform(0.3, 0.8)
    return scattered(1e3 * rng.uniform(1, 5) * (1 + share), rng)


def two_powers(rng: Rng) -> Made:
    """One power of the batch size below the critical one, another above, and no floor."""
    steep, flat = rng.uniform(0.7, 1.05), rng.uniform(0.1, 0.5)
    bend = (1 + (SIZES / rng.uniform(64, 1024)) ** 2) ** ((steep - flat) / 2)
    return scattered(1e5 * SIZES**-steep * bend, rng)


def least_size(rng: Rng) -> Made:
    """Batches below some size hardly get to the target, as with noise that hides the last of the way."""
    return scattered(law(rng) * (1 + (rng.uniform(8, 40) / SIZES) ** rng.uniform(1.5, 3.0)), rng)


def kink(rng: Rng) -> Made:
    """From some batch size on another recipe was used, which needs a half more."""
    late = np.arange(len(SIZES)) >= rng.integers(3, 8)
    return scattered(law(rng) * np.where(late, rng.uniform(1.2, 1.8), 1.0), rng)


def logarithm(rng: Rng) -> Made:
    """Each doubling of the batch saves the same number of updates."""
    return scattered(1e3 * (1 + rng.uniform(0.3, 2.0) * np.log(2 * SIZES[-1] / SIZES)), rng)


def level(rng: Rng) -> Made:
    """All sizes lie beyond the critical one."""
    return scattered(np.full(len(SIZES), 1e3), rng)


def badly_tuned(rng: Rng) -> Made:
    """One size was badly tuned, and needs up to three times as many updates."""
    mean = law(rng)
    mean[rng.integers(len(SIZES))] *= rng.uniform(1.5, 3.0)
    return scattered(mean, rng)


@dataclass(frozen=True)
class SometimesSlow(Made):
    """One run in ten takes two or three times as long."""

    def run(self, k: int, offset: float, rng: Rng) -> float:
        return super().run(k, offset, rng) * (rng.uniform(2, 3) if rng.random() < 0.1 else 1.0)


@dataclass(frozen=True)
class WholeEpochs(Made):
    """The target is looked for at the end of an epoch of so many samples."""

    epoch: float = 1.0

    def run(self, k: int, offset: float, rng: Rng) -> float:
        return float(np.ceil(super().run(k, offset, rng) * SIZES[k] / self.epoch) * self.epoch / SIZES[k])


def sometimes_slow(rng: Rng) -> Made:
    return SometimesSlow(law(rng), np.full(len(SIZES), 0.07), 3)


def whole_epochs(rng: Rng) -> Made:
    mean = law(rng)
    return WholeEpochs(mean, np.full(len(SIZES), 0.07), 3, epoch=float(mean[0] * SIZES[0] / rng.uniform(5, 20)))


RIGHT_LAW: dict[str, Callable[[Rng], Made]] = {
    "one run a size": made,
    "three runs a size": partial(made, runs=3),
    "twenty runs a size": partial(made, runs=20, scatter=0.2),
    "tuned rates, one run": partial(made, tuned=True),
    "tuned rates, three runs": partial(made, runs=3, tuned=True),
    "runs cut off": cut_off,
    "scatter grows with the size": growing_scatter,
}
WRONG_LAW: dict[str, Callable[[Rng], Made]] = {
    "a power of the size": power_law,
    "a power above a floor": falls_off,
    "one power after another": two_powers,
    "each doubling saves as much": logarithm,
    "no run below a shortest one": floor_below,
    "small batches hardly arrive": least_size,
    "more updates again at the end": rising_end,
    "slow waves": waves,
    "another recipe from a size on": kink,
    "one size badly tuned": badly_tuned,
    "one run in ten is slow": sometimes_slow,
    "whole epochs": whole_epochs,
    "all beyond the critical size": level,
}
KINDS = RIGHT_LAW | WRONG_LAW


def arrived(table: list[Row]) -> set[float]:
    """Batch sizes at which a setting has no run that was cut off."""
    settings: dict[tuple[float, float], float] = {}
    for row in table:
        setting = row["batch_size"], row["learning_rate"]
        settings[setting] = max(settings.get(setting, 0.0), row["steps"])
    return {size for (size, _), steps in settings.items() if np.isfinite(steps)}


def back_test(kind: str, sweeps: int, seed: int = 0) -> dict[str, Tally]:
    """One batch size left out of each made-up sweep, and one new run there."""
    rng = np.random.default_rng([seed, *kind.encode()])
    found = {quantity: Tally() for quantity in QUANTITIES}
    while found["updates"].asked < sweeps:
        sweep, machine = KINDS[kind](rng), Machine.made(rng)
        table = sweep.table(machine, rng)
        reached = [size for size in SIZES if size in arrived(table)]
        if len(reached) < FEWEST + 1:
            continue
        k = int(np.searchsorted(SIZES, reached[rng.integers(1, len(reached) - 1)]))
        others = [row for row in table if row["batch_size"] != SIZES[k]]
        try:
            kept, guesses = read_sweep(others), predicted(others, SIZES[k])
        except ValueError:  # refused: not identifiable, or updates that rise
            continue
        rate = np.exp(np.interp(np.log(SIZES[k]), np.log(kept.batch_sizes), np.log(kept.learning_rates)))
        truth = sweep.cost(k, sweep.run(k, np.log(rate / SIZES[k] ** 0.5), rng), machine, rng)
        for quantity, guess in guesses.items():
            found[quantity].add(guess, truth[QUANTITIES[quantity]])
    return found


def show(name: str, found: dict[str, Tally]) -> str:
    cells = (f"{t.inside:4}/{t.asked:<4} {t.plain()['factor']:5.2f}" for t in found.values())
    return f"{name:36} " + "   ".join(cells)


def heads(what: Iterable[str]) -> str:
    return f"{'inside / asked, median factor of the end':36} " + "   ".join(f"{q:>15}" for q in what)


def main(sweeps: int = 200) -> None:
    print(heads(QUANTITIES))
    results = {name: published(name) for name in SWEEPS}
    for name, found in results.items():
        print(show(name, found))
    plain = {name: {q: t.plain() for q, t in found.items()} for name, found in results.items()}
    RESULTS.write_text(json.dumps(plain, indent=1) + "\n", "utf8")
    for kind in RIGHT_LAW:
        print(show(kind, back_test(kind, sweeps)), flush=True)
    wrong = {}
    for kind in WRONG_LAW:
        found = back_test(kind, sweeps)
        print(show(f"wrong: {kind}", found), flush=True)
        wrong[kind] = {q: t.plain() for q, t in found.items()}
    WRONG.write_text(json.dumps(wrong, indent=1) + "\n", "utf8")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
