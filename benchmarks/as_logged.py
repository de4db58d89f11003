"""Loss curves as people log them, for the back-test of ``time_to_target``: what they do is in the log, not in the law.

They were written after the tool's laws. ``steps`` and outliers were dealt with when most had been seen; the last five
came after that. That earlier forecasts reach back over half of a log at most was decided on a log that begins later.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from benchmarks.time_to_target_curves import LOOKS, Array, Run, noisy_quadratic, seen_with

Rng = np.random.Generator
Curve = Callable[[Array], Array]  # loss over the share of the run, above zero


def settled(rng: Rng) -> Curve:
    """A power law, a stretched exponential, or a fast and a slow part."""
    kind, a, b = rng.integers(3), rng.uniform(), rng.uniform()
    laws: list[Curve] = [
        lambda u: (1 + 4 * a) * (LOOKS * u) ** -(0.2 + 0.8 * b),
        lambda u: 2 * np.exp(-((u / (0.07 + 0.2 * a)) ** (0.4 + 0.4 * b))),
        lambda u: np.exp(-u / (0.017 + 0.05 * a)) + (0.1 + 0.3 * b) * np.exp(-u / (0.3 + 0.7 * a)),
    ]
    return laws[kind]


def even(rng: Rng) -> Array:
    return settled(rng)(np.arange(1.0, LOOKS + 1) / LOOKS)


def at_steps(rng: Rng, spacing: str) -> Run:
    """Looks that get rarer, at random distances, or of a log that begins in the middle of the run."""
    k = np.arange(1.0, LOOKS + 1)
    at = {
        "rarer": np.round(k ** rng.uniform(1.5, 3.0)),
        "random": np.cumsum(rng.choice([100.0, 250.0, 500.0, 2000.0], LOOKS)),
        "later": 50 * (k + rng.uniform(0.3, 2.0) * LOOKS),
    }[spacing]
    return replace(seen_with(0.02, settled(rng)(at / at[-1]), rng), at=at)


def outliers(rng: Rng, share: float) -> Run:
    """Single losses that are ten times too large or too small; never the last, beside which nothing is known yet."""
    run = seen_with(0.02, even(rng), rng)
    off = np.where(rng.random(LOOKS) < share, 10.0 ** rng.choice([-1.0, 1.0], LOOKS), 1.0)
    return replace(run, seen=run.seen * off)


def two_decimals(rng: Rng) -> Run:
    """Losses around one, written with two digits behind the point."""
    clean = 3 * even(rng)
    return Run(np.maximum(np.round(seen_with(0.005, clean, rng).seen, 2), 0.01), clean)


def moving_average(rng: Rng) -> Run:
    """Noisy losses as a dashboard smooths them, which lags behind by up to ten looks."""
    run, keep = seen_with(0.1, even(rng), rng), rng.choice([0.7, 0.8, 0.9])
    smooth = run.seen.copy()
    for k in range(1, LOOKS):
        smooth[k] = keep * smooth[k - 1] + (1 - keep) * run.seen[k]
    return replace(run, seen=smooth)


def slow_noise(rng: Rng) -> Run:
    """Noise of two per cent that lasts up to thirty looks."""
    clean, keep, z = even(rng), rng.uniform(0.7, 0.97), rng.standard_normal(LOOKS)
    for k in range(1, LOOKS):
        z[k] = keep * z[k - 1] + (1 - keep**2) ** 0.5 * z[k]
    return Run(clean * np.exp(0.02 * z), clean)


def spikes(rng: Rng) -> Run:
    """Up to four spikes, from which the loss recovers within some looks."""
    run = seen_with(0.02, even(rng), rng)
    seen = run.seen.copy()
    for at in rng.integers(10, LOOKS, rng.integers(1, 5)):
        seen[at:] *= 1 + rng.uniform(0.5, 5) * np.exp(-np.arange(LOOKS - at) / rng.uniform(1, 8))
    return replace(run, seen=seen)


def grokking(rng: Rng) -> Run:
    """Hardly any fall for long, then a step down by a factor thirty."""
    t = np.arange(1.0, LOOKS + 1)
    step = 1 + np.exp((np.log(t) - np.log(rng.uniform(0.3, 0.9) * LOOKS)) / rng.uniform(0.02, 0.1))
    return seen_with(0.02, 2 * t ** -rng.uniform(0.02, 0.15) * (0.03 + 0.97 / step), rng)


def new_data(rng: Rng) -> Run:
    """The loss jumps up when the data change, and falls back to its curve."""
    t, at = np.arange(LOOKS), int(rng.uniform(0.1, 0.6) * LOOKS)
    jump = rng.uniform(0.1, 0.8) * np.exp(-(t - at) / rng.uniform(5, 40))
    return seen_with(0.02, even(rng) * np.where(t < at, 1.0, 1.0 + jump), rng)


def language_model(rng: Rng) -> Run:
    """Cross-entropy above the entropy of the text, which is most of it."""
    t = np.arange(1.0, LOOKS + 1)
    return seen_with(0.005, rng.uniform(1.5, 2.2) + rng.uniform(2, 6) * t ** -rng.uniform(0.2, 0.5), rng)


def additive_noise(rng: Rng) -> Run:
    """Noise that stays while the loss falls."""
    clean = even(rng)
    return Run(np.maximum(clean + 0.1 * clean[-1] * rng.standard_normal(LOOKS), 1e-3 * clean[-1]), clean)


def not_told(rng: Rng, name: str) -> Run:
    """A schedule that the tool is not told."""
    return replace(noisy_quadratic(name, rng), rates=None)


def mean_since_the_epoch_began(rng: Rng) -> Run:
    """What a progress bar shows: the mean of the batches since the epoch began, ten looks an epoch."""
    clean = even(rng)
    batches = seen_with(0.05, clean, rng).seen.reshape(-1, 10)
    return Run((batches.cumsum(axis=1) / np.arange(1, 11)).ravel(), clean)


def bursts(rng: Rng) -> Run:
    """Looks that come in bursts of five, with a long pause after each."""
    at = np.cumsum(np.where(np.arange(LOOKS) % 5 == 0, 40.0, 1.0))
    return replace(seen_with(0.02, settled(rng)(at / at[-1]), rng), at=at)


def rare_outliers_in_a_smooth_log(rng: Rng) -> Run:
    """Hardly any noise, and one loss in a hundred up to a thousand times too large."""
    run = seen_with(0.001, even(rng), rng)
    off = np.where(rng.random(LOOKS) < 0.01, 10.0 ** rng.uniform(0.5, 3.0, LOOKS), 1.0)
    return replace(run, seen=run.seen * off)


def one_pass_then_rarer(rng: Rng) -> Run:
    """Each step logged at first, later each tenth, each hundredth."""
    at = np.cumsum(np.repeat([1.0, 10.0, 100.0], LOOKS // 3))
    return replace(seen_with(0.02, settled(rng)(at / at[-1]), rng), at=at)


def outliers_at_rare_looks(rng: Rng) -> Run:
    """Both at once: looks that get rarer, one in fifty of them off."""
    run = at_steps(rng, "rarer")
    return replace(run, seen=run.seen * np.where(rng.random(LOOKS) < 0.02, 5.0, 1.0))


def small_batches(rng: Rng) -> Run:
    """Skewed noise, as of mean squares over a few samples: most losses lie below their mean."""
    clean, shape = even(rng), rng.uniform(8, 30)
    return Run(clean * rng.gamma(shape, 1 / shape, LOOKS), clean)


AS_LOGGED: dict[str, Callable[[Rng], Run]] = {
    "looks get rarer": partial(at_steps, spacing="rarer"),
    "looks at random distances": partial(at_steps, spacing="random"),
    "log begins later": partial(at_steps, spacing="later"),
    "one loss in fifty is off": partial(outliers, share=0.02),
    "one in two hundred is off": partial(outliers, share=0.005),
    "two decimals": two_decimals, "moving average": moving_average, "slow noise": slow_noise,
    "spikes": spikes, "grokking": grokking, "new data": new_data,
    "language model": language_model, "additive noise": additive_noise,
    "cosine, not told": partial(not_told, name="cosine"),
    "restarts, not told": partial(not_told, name="restarts"),
    "mean since the epoch began": mean_since_the_epoch_began,
    "bursts": bursts, "outliers in a smooth log": rare_outliers_in_a_smooth_log,
    "each, each tenth, each 100th": one_pass_then_rarer, "rare looks, outliers": outliers_at_rare_looks,
    "small batches": small_batches,
}  # fmt: skip
