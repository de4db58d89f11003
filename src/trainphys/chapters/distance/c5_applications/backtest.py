"""Back-tests of the forecast of remaining steps: runs whose end is known, stopped at a random look and forecast."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from trainphys.arrays import Array
from trainphys.chapters.distance.c5_applications.network_times import crossing_times
from trainphys.checks import at_least, positive
from trainphys.ensemble.streams import stream
from trainphys.errors import NotIdentifiable
from trainphys.estimate import Estimate
from trainphys.tools.time_to_target.forecast import RemainingSteps, time_to_target, widening_from_runs
from trainphys.tools.time_to_target.history import SHORTEST
from trainphys.tools.time_to_target.looks import HALF
from trainphys.xor.configurations import Configuration, traces
from trainphys.xor.landscape import loss, solvable


@dataclass(frozen=True, slots=True)
class BackTest:
    """What the forecasts of one kind of runs came to."""

    forecasts: list[RemainingSteps]  # one for each run that was not refused
    truth: Array  # looks that those runs took, shape (forecasts,)
    refused: int  # runs without a forecast
    tails: dict[str, int] = field(default_factory=dict)  # how often each tail was found

    def coverage(self) -> Estimate:
        """Share of the forecasts whose interval holds the truth."""
        held = [f.low <= t <= f.high for f, t in zip(self.forecasts, self.truth, strict=True)]
        return Estimate.from_count(sum(held), len(held))

    @property
    def values(self) -> Array:
        """Looks that were forecast, at least half a one: a target may be taken for reached a little too early."""
        return np.maximum([f.value for f in self.forecasts], HALF)

    def misses(self) -> Array:
        """|ln(truth / forecast)| of every forecast, shape (forecasts,)."""
        return np.asarray(np.abs(np.log(self.truth / self.values)))

    def own_coverage(self, level: float = 0.9) -> Estimate:
        """The same with a widening from every second of these runs, judged on the others.

        The error counts both halves: a coverage that is calibrated on n runs varies by sqrt(level (1 - level) / n).
        """
        pairs = list(zip(self.forecasts, self.truth.tolist(), strict=True))
        used, judged = [(f, t) for f, t in pairs[::2] if f.spread > 0], pairs[1::2]
        widening = widening_from_runs([f for f, _ in used], [t for _, t in used], level=level)
        held = sum(f.spread > 0 and abs(math.log(t / f.value)) <= widening * f.spread for f, t in judged)
        calibration = math.sqrt(level * (1 - level) / len(used))
        return Estimate.from_count(held, len(judged)) + Estimate(0.0, calibration, len(used))


def back_test(
    curves: Array,
    target: float | None = None,
    *,
    clean: Array | None = None,
    norms: Array | None = None,
    rates: Array | None = None,
    seed: int,
    shortest: int = SHORTEST,
    ask: tuple[float, float] | None = None,
) -> BackTest:
    """Stop each run at a random look before it reaches the target, forecast, and keep what it really took.

    Losses have shape (looks, runs), and so have the norms of the gradient, which the forecasts see when given, and the
    losses without their noise, by which targets and times then go; the rates at all looks are told to every forecast.
    By default each run's target is the loss of one of its own later looks, drawn log-uniformly. Runs that are there at
    the stop are left out; a forecast goes by ``shortest`` looks at least. With ``ask`` each run is asked at that share
    of its record for its loss at the other.
    """
    at_least(SHORTEST, shortest=shortest)
    asked = curves if clean is None else clean
    positive(curves=curves, clean=asked)
    rng = stream(seed, "back-test")
    forecasts, truth, refused = [], [], 0
    for run, (seen, aim) in enumerate(_questions(asked, target, rng, shortest, ask)):
        if not seen or (asked[:seen, run] < aim).any():
            continue
        beside = None if norms is None else norms[:seen, run]
        try:
            forecasts.append(time_to_target(curves[:seen, run], aim, gradient_norms=beside, rates=rates))
            truth.append(float(crossing_times(asked[:, [run]], aim)[0]) - (seen - 1))
        except NotIdentifiable:
            refused += 1
    if not forecasts and not refused:
        raise ValueError(f"expected a run that takes {shortest + 2} looks to the target, got none: lower the target")
    return BackTest(forecasts, np.array(truth, dtype=float), refused, dict(Counter(f.tail for f in forecasts)))


def never_reached(curves: Array, target: float, *, seen: int) -> dict[str, int]:
    """Ask each run after so many looks for a loss that it never reaches, and count the answers.

    They are refusals, intervals without an upper end, and intervals with one, which are wrong.
    """
    found = {"refused": 0, "without an end": 0, "with an end": 0}
    for run in curves[:seen].T:
        try:
            forecast = time_to_target(run, target)
            found["without an end" if forecast.no_upper_end else "with an end"] += 1
        except NotIdentifiable:
            found["refused"] += 1
    return found


def _questions(
    curves: Array, target: float | None, rng: np.random.Generator, shortest: int, ask: tuple[float, float] | None
) -> Iterator[tuple[int, float]]:
    """Looks seen and loss to reach, one pair a run; no look where the run cannot be asked."""
    looks, runs = curves.shape
    times = np.full(runs, float(looks - 2)) if target is None else crossing_times(curves, target)
    for run, time in enumerate(times):
        if not shortest + 2 <= time < math.inf:
            yield 0, 0.0
            continue
        seen = int(rng.integers(shortest, int(time)))  # the last look seen is number seen - 1
        if target is not None:
            yield seen, target
            continue
        later = seen + 1 + int((looks - 1 - seen) ** rng.uniform()) - 1
        if ask is not None:
            seen, later = (int(share * looks) for share in ask)
        yield seen, float(np.sqrt(curves[later - 1, run] * curves[later, run]))


def model_curves(configuration: Configuration, runs: int, seed: int) -> Array:
    """Loss of the document's model, epoch by epoch, of the runs that reach its tolerance; shape (epochs, runs)."""
    found = traces(configuration, runs, seed)
    height = loss(found.states.transpose(1, 0, 2), configuration.scales)
    return np.asarray(height[:, found.converged & solvable(found.last, configuration.scales)])


def spectrum_curves(
    runs: int, seed: int, *, looks: int = 400, noise: float = 0.02, cosine: bool = False, floor: float = 0.0
) -> Array:
    r"""Descent on quadratics with curvatures $j^{-3/2}$ and errors $j^{-1/2}$: loss $\propto t^{-1}$ at last.

    $L(t)=\sum_j j^{-5/2}\chi^2_j(1-j^{-3/2}/2)^{2t}$ over a thousand modes, $j=1..1000$, each $\chi^2_j$ the square of
    a standard normal number of the run's own, times $e^{\sigma z}$ with noise $\sigma$ and z standard normal. With
    ``cosine`` the rate falls to zero along half a cosine over the record, and t is the sum of the rates over the first.
    The ``floor`` is added to every loss. Shape (looks, runs).
    """
    rng = stream(seed, "spectrum")
    j = np.arange(1.0, 1001.0)
    clock = np.arange(looks, dtype=float)
    if cosine:
        clock = np.append(0.0, np.cumsum(0.5 + 0.5 * np.cos(np.pi * clock[:-1] / looks)))
    fall = (1.0 - 0.5 * j**-1.5) ** (2.0 * clock[:, None])  # looks, modes
    weights = j[:, None] ** -2.5 * rng.chisquare(1, (len(j), runs))
    return np.asarray((floor + fall @ weights) * np.exp(noise * rng.standard_normal((looks, runs))))
