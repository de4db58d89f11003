"""Kinds of loss curves whose end is known, for the back-test of ``time_to_target``.

Nothing of ``time_to_target`` was fitted to them. ``KINDS`` were written before its present rules; ``HELD_OUT``,
``FRESH`` and ``NEVER`` after its laws and widths. That a law must fit better to leave an interval open was decided when
all but the last four of ``FRESH`` and the last two of ``NEVER`` had been seen; the laws that fall faster and faster
came after all. The targets of ``NEVER`` are never reached.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from sklearn.datasets import load_digits

Array = np.ndarray
LOOKS = 300


@dataclass(frozen=True)
class Run:
    """Losses as seen, the same without noise, the schedule and the steps where they are told, and a floor."""

    seen: Array
    clean: Array
    rates: Array | None = None
    floor: float = 0.0  # what the loss never falls below
    at: Array | None = None  # step of each loss


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


def noisy_quadratic(
    name: str, rng: np.random.Generator, powers: tuple[float, float] = (-5, -3), scatter: float = 0.02
) -> Run:
    """Expected loss of SGD on a hundred modes with gradient noise, a power of ten, mode by mode."""
    h = np.arange(1.0, 101.0) ** -rng.uniform(0.8, 1.6)
    size = h ** rng.uniform(0.0, 0.5) * rng.chisquare(1, len(h))
    noise = 10 ** rng.uniform(*powers)
    eta = rng.uniform(0.2, 0.8) * schedule(name)
    loss = np.empty(LOOKS)
    for k in range(LOOKS):
        loss[k] = h @ size / 2
        for _ in range(4):  # updates between two looks
            size = (1 - eta[k] * h) ** 2 * size + eta[k] ** 2 * noise * h
    return seen_with(scatter, loss, rng, None if name == "constant" else eta)


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


def damped_steps(rng: np.random.Generator) -> Run:
    """A geometric fall with slow waves on it, as momentum leaves them."""
    t = np.arange(LOOKS)
    wave = 1 + rng.uniform(0.02, 0.15) * np.cos(2 * np.pi * t / rng.uniform(15, 60) + rng.uniform(0, 6))
    return seen_with(0.02, np.exp(-t / rng.uniform(40, 200)) * wave, rng)


def heavy_noise(rng: np.random.Generator) -> Run:
    """A power law seen through noise with heavy tails: Student's t with three degrees of freedom."""
    clean = np.arange(1.0, LOOKS + 1) ** -rng.uniform(0.2, 0.9)
    return Run(clean * np.exp(0.03 * rng.standard_t(3, LOOKS)), clean)


def broken_power(rng: np.random.Generator) -> Run:
    """A power law whose exponent changes smoothly at a time of its own."""
    t, first, second = np.arange(1.0, LOOKS + 1), rng.uniform(0.1, 0.6), rng.uniform(0.1, 0.9)
    clean = t**-first * (1 + (t / rng.uniform(20, 200)) ** 3) ** (-(second - first) / 3)
    return seen_with(0.01, clean, rng)


def quartic_valley(rng: np.random.Generator) -> Run:
    """Gradient descent on many separate quartics with a quadratic part, from random starts."""
    x, weight = rng.standard_normal(50), rng.uniform(0, 0.3, 50)
    clean = np.empty(LOOKS)
    for k in range(LOOKS):
        clean[k] = (x**4 / 4 + weight * x**2 / 2).mean()
        x = x - 0.05 * (x**3 + weight * x)
    return seen_with(0.02, clean, rng)


def matrix_factors(rng: np.random.Generator, name: str = "constant") -> Run:
    """Gradient descent on a product of two matrices: singular values are learnt one after another."""
    a = rng.standard_normal((12, 12)) * np.exp(-rng.uniform(0.1, 0.4) * np.arange(12)) / 3
    u, v = rng.standard_normal((12, 12)) * 0.3, rng.standard_normal((12, 12)) * 0.3
    eta, clean = rng.uniform(0.02, 0.08) * schedule(name), np.empty(LOOKS)
    for k in range(LOOKS):
        miss = u @ v - a
        clean[k] = (miss**2).mean()
        u, v = u - eta[k] * miss @ v.T, v - eta[k] * u.T @ miss
    return seen_with(0.02, clean, rng, None if name == "constant" else eta)


HELD_OUT: dict[str, Callable[[np.random.Generator], Run]] = {
    "waves": damped_steps, "heavy noise": heavy_noise, "broken power law": broken_power,
    "quartic valleys": quartic_valley, "matrix factors": matrix_factors,
    "matrix factors, linear": partial(matrix_factors, name="linear"),
}  # fmt: skip

KINDS: dict[str, Callable[[np.random.Generator], Run]] = {
    **{f"noisy quadratic, {s}": partial(noisy_quadratic, s)
       for s in ("constant", "cosine", "linear", "drops", "warm-up", "restarts")},
    **{f"digits, {s}": partial(digits, s) for s in ("constant", "cosine", "drops", "warm-up")},
    "power law": power_law, "power law with a floor": partial(power_law, floor=0.5),
    "stretched exponential": stretched, "geometric with a floor": geometric_with_floor,
    "plateau, then a drop": plateau_then_drop, "double descent": double_descent, "two phases": two_phases,
}  # fmt: skip


def separable(rng: np.random.Generator) -> Run:
    """Gradient descent on logistic regression with separable classes, whose loss falls like 1 / t at last."""
    x = rng.standard_normal((80, 10))
    x *= np.sign(x @ rng.standard_normal(10))[:, None]  # samples times their labels
    w, rate, clean = np.zeros(10), rng.uniform(0.2, 3.0), np.empty(LOOKS)
    for k in range(LOOKS):
        margin = x @ w
        clean[k] = np.logaddexp(0, -margin).mean()
        w = w + rate * (x / (1 + np.exp(margin))[:, None]).mean(axis=0)
    return seen_with(0.02, clean, rng)


def momentum(rng: np.random.Generator) -> Run:
    """Nesterov's method on fifty quadratic modes: their falls swing, each at its own time."""
    h = np.arange(1.0, 51.0) ** -rng.uniform(0.5, 1.5)
    x = rng.standard_normal(50)
    before, rate, beta, clean = x, rng.uniform(0.02, 0.3), rng.uniform(0.7, 0.95), np.empty(LOOKS)
    for k in range(LOOKS):
        clean[k] = h @ x**2 / 2
        ahead = x + beta * (x - before)
        x, before = ahead - rate * h * ahead, x
    return seen_with(0.02, clean, rng)


def adam(rng: np.random.Generator) -> Run:
    """Adam on least squares of forty unknowns, from zero."""
    table = rng.standard_normal((100, 40)) / 10 * np.arange(1.0, 41.0) ** -rng.uniform(0.2, 0.8)
    goal, w = table @ rng.standard_normal(40), np.zeros(40)
    mean, square, rate, clean = np.zeros(40), np.zeros(40), 10 ** rng.uniform(-2.3, -1.5), np.empty(LOOKS)
    for k in range(LOOKS):
        miss = table @ w - goal
        clean[k] = (miss**2).mean()
        gradient = table.T @ miss / 50
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        w = w - rate * mean / (1 - 0.9 ** (k + 1)) / (np.sqrt(square / (1 - 0.999 ** (k + 1))) + 1e-8)
    return seen_with(0.02, clean, rng)


def logarithmic(rng: np.random.Generator) -> Run:
    """A fall slower than each power of the time."""
    clean = np.log(np.arange(LOOKS) + rng.uniform(2, 20)) ** -rng.uniform(1, 3)
    return seen_with(10 ** rng.uniform(-2.3, -1.5), clean, rng)


def levelling(rng: np.random.Generator, *, power: bool) -> Run:
    """A power law or a geometric tail above a floor."""
    t, floor = np.arange(1.0, LOOKS + 1), rng.uniform(0.05, 0.5)
    tail = rng.uniform(1, 5) * t ** -rng.uniform(0.4, 1.2) if power else np.exp(-t / rng.uniform(30, 120))
    return replace(seen_with(0.02, floor + tail, rng), floor=floor)


def stationary(rng: np.random.Generator) -> Run:
    """SGD at a constant rate on a hundred modes; its gradient noise holds the expected loss above a floor."""
    h = np.arange(1.0, 101.0) ** -rng.uniform(0.8, 1.6)
    size, noise, eta = (
        h ** rng.uniform(0.0, 0.5) * rng.chisquare(1, 100),
        10 ** rng.uniform(-2.5, -0.5),
        rng.uniform(0.2, 0.8),
    )
    clean = np.empty(LOOKS)
    for k in range(LOOKS):
        clean[k] = h @ size / 2
        for _ in range(4):
            size = (1 - eta * h) ** 2 * size + eta**2 * noise * h
    return replace(seen_with(0.02, clean, rng), floor=float((h * eta * noise / (2 - eta * h)).sum() / 2))


def label_noise(rng: np.random.Generator) -> Run:
    """Linear regression by SGD in batches of 16 on labels with noise: least squares of all samples are the floor."""
    x = rng.standard_normal((400, 40)) * np.arange(1.0, 41.0) ** -rng.uniform(0.0, 0.8)
    y = x @ rng.standard_normal(40) + rng.uniform(0.3, 1.0) * rng.standard_normal(400)
    best, *_ = np.linalg.lstsq(x, y, rcond=None)
    w, rate, clean, seen = np.zeros(40), 10 ** rng.uniform(-2.5, -1.7), np.empty(LOOKS), np.empty(LOOKS)
    for k in range(LOOKS):
        clean[k] = ((x @ w - y) ** 2).mean()
        losses = []
        for _ in range(20):
            i = rng.integers(400, size=16)
            miss = x[i] @ w - y[i]
            losses.append((miss**2).mean())
            w = w - rate * x[i].T @ miss / 8
        seen[k] = np.mean(losses)
    return Run(seen, clean, floor=float(((x @ best - y) ** 2).mean()))


def spent(rng: np.random.Generator, name: str) -> Run:
    """A noisy quadratic whose rate falls to zero: below the loss at its end lies nothing that the plan reaches."""
    run = noisy_quadratic(name, rng)
    return replace(run, floor=float(run.clean.min()))


def skills(rng: np.random.Generator) -> Run:
    """Many skills of falling use, each learnt at a time of its own."""
    t, k = np.arange(1.0, LOOKS + 1)[:, None], np.arange(1.0, 201.0)
    learnt = rng.uniform(2, 10) * k ** rng.uniform(1.0, 2.0) * np.exp(0.5 * rng.standard_normal(200))
    clean = (1 / (1 + (t / learnt) ** 3)) @ k ** -rng.uniform(1.2, 2.0)
    return seen_with(0.01, clean, rng)


def outliers(rng: np.random.Generator) -> Run:
    """Gradient descent on the pseudo-Huber loss, linear far from the goal and quadratic near it."""
    table = rng.standard_normal((120, 20)) * np.arange(1.0, 21.0) ** -rng.uniform(0.2, 0.8)
    goal, w, clean = table @ rng.standard_normal(20) * rng.uniform(1, 5), np.zeros(20), np.empty(LOOKS)
    rate = 1.0 / np.linalg.eigvalsh(table.T @ table / 120)[-1]
    for k in range(LOOKS):
        miss = table @ w - goal
        clean[k] = (miss**2 / (np.sqrt(1 + miss**2) + 1)).mean()  # sqrt(1 + x^2) - 1 without cancellation
        w = w - rate * table.T @ (miss / np.sqrt(1 + miss**2)) / 120
    return seen_with(0.02, clean, rng)


def rank_too_low(rng: np.random.Generator) -> Run:
    """Gradient descent on a product of two thin matrices; what their rank leaves out is the floor."""
    a = rng.standard_normal((12, 12)) * np.exp(-rng.uniform(0.1, 0.3) * np.arange(12)) / 2
    u, v = rng.standard_normal((12, 4)) * 0.3, rng.standard_normal((4, 12)) * 0.3
    rate, clean = rng.uniform(0.01, 0.08), np.empty(LOOKS)
    for k in range(LOOKS):
        miss = u @ v - a
        clean[k] = (miss**2).mean()
        u, v = u - rate * miss @ v.T, v - rate * u.T @ miss
    return replace(seen_with(0.02, clean, rng), floor=float((np.linalg.svd(a)[1][4:] ** 2).sum() / 144))


def weight_decay(rng: np.random.Generator) -> Run:
    """Gradient descent on least squares with a penalty, whose solution is the floor: it has the lowest sum of both."""
    x = rng.standard_normal((100, 30)) * np.arange(1.0, 31.0) ** -rng.uniform(0.2, 1.0)
    y, penalty = x @ rng.standard_normal(30), 10 ** rng.uniform(-2.5, -0.5)
    hessian = x.T @ x / 50 + 2 * penalty * np.eye(30)

    def value(w: Array) -> float:
        return float(((x @ w - y) ** 2).mean() + penalty * (w @ w))

    w, rate, clean = np.zeros(30), rng.uniform(0.02, 0.2) / np.linalg.eigvalsh(hessian)[-1], np.empty(LOOKS)
    for k in range(LOOKS):
        clean[k] = value(w)
        w = w - rate * (hessian @ w - x.T @ y / 50)
    return replace(seen_with(0.02, clean, rng), floor=value(np.linalg.solve(hessian, x.T @ y / 50)))


def absolute_errors(rng: np.random.Generator) -> Run:
    """Gradient descent on a mean absolute error, whose slope does not shrink with the error."""
    x = rng.standard_normal((200, 10))
    w, rate, clean = 3 * rng.standard_normal(10), rng.uniform(0.01, 0.1), np.empty(LOOKS)
    for k in range(LOOKS):
        off = x @ w
        clean[k] = np.abs(off).mean()
        w = w - rate * (x * np.sign(off)[:, None]).mean(axis=0)
    return seen_with(0.01, clean, rng)


def to_an_end(rng: np.random.Generator) -> Run:
    """A power of the time that is left until the loss would be zero."""
    left = 1 - np.arange(LOOKS) / (LOOKS * rng.uniform(1.02, 1.6))
    return seen_with(0.01, left ** rng.uniform(1.0, 3.0), rng)


FRESH: dict[str, Callable[[np.random.Generator], Run]] = {
    "separable classes": separable, "Nesterov": momentum, "Adam": adam, "logarithmic": logarithmic,
    "skills": skills, "outliers": outliers,
    **{f"held up by noise, {s}": partial(noisy_quadratic, s, powers=(-2.5, -0.5), scatter=0.05)
       for s in ("cosine", "linear")},
    "absolute errors": absolute_errors, "to an end": to_an_end,
}  # fmt: skip

NEVER: dict[str, Callable[[np.random.Generator], Run]] = {
    "geometric above a floor": partial(levelling, power=False),
    "power law above a floor": partial(levelling, power=True),
    "SGD at its noise": stationary, "noisy labels": label_noise,
    "cosine that is spent": partial(spent, name="cosine"), "linear that is spent": partial(spent, name="linear"),
    "rank too low": rank_too_low, "weight decay": weight_decay,
}  # fmt: skip
