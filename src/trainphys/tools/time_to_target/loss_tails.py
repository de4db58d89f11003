r"""Laws between a power-law and a geometric tail, weighed by what a loss history says of them.

The running loss of a member falls as $-d\ln L/dt\propto t^{p-1}$, so that $\ln L$ is a straight line in
$x_p(t)=(t^p-1)/p$, which is $\ln t$ at $p=0$: a power law at $p=0$, geometric at $p=1$, levelling off below zero.
"""

import math
from dataclasses import dataclass

import numpy as np

from trainphys.arrays import Array
from trainphys.tools.time_to_target.history import noise

EXPONENTS = np.round(np.arange(-0.5, 1.001, 0.05), 10)
POWER, GEOMETRIC = int(np.flatnonzero(EXPONENTS == 0.0)[0]), len(EXPONENTS) - 1
ROUNDING = 1e-30  # squared residual that double precision cannot tell from none
FARTHEST = 50.0  # ln steps beyond which nothing is gained by being exact


@dataclass(frozen=True, slots=True)
class Laws:
    r"""Fits of every law to the last half of a history; arrays run over ``EXPONENTS``.

    Attributes:
        looks: losses in the whole history.
        rate: fall of ln L for each unit of $x_p=((t/T)^p-1)/p$, T being the looks of the history: at p = 1 the fall in
            T looks, at p = 0 the exponent of the power law.
        rate_error: standard error of the rate, with correlated residuals.
        line: fitted ln L at the last look.
        level: ln of the mean loss there, which lies above the mean of the logarithms.
        noise: standard deviation of the residuals.
        independent: residuals that they are worth.
        bend: rate of the later half of the window over that of the earlier half.
        bend_error: its standard error, by noise that is independent from look to look.
        evidence: log-likelihood less that of the best law, nats.
        each: losses behind each look.
    """

    looks: int
    rate: Array
    rate_error: Array
    line: Array
    level: Array
    noise: Array
    independent: Array
    bend: Array
    bend_error: Array
    evidence: Array
    each: int = 1

    @property
    def losses(self) -> int:
        """Losses in the whole history."""
        return self.looks * self.each

    @property
    def weight(self) -> Array:
        """Posterior share of each law, every one alike before."""
        w = np.exp(self.evidence - self.evidence.max())
        return np.asarray(w / w.sum())


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the laws together say of the way to a target."""

    log_steps: float  # mean of ln(steps) over the laws that reach the target
    by_law: Array  # ln(steps) of each law, infinite where it never reaches it
    between_laws: float  # standard deviation of ln(steps) over the laws
    within: float  # its standard error within a law
    leverage: float  # change of ln(steps) when the exponent moves by one
    exponent: float  # mean exponent
    never: float  # share of the laws, by weight, that level off above the target


def fit_laws(y: Array, log_norms: Array | None = None, clock: Array | None = None, first: int | None = None) -> Laws:
    r"""Fit every law to the last half of ln L; with norms, weigh $\ln g^2-\ln L=(p-1)\ln t+\text{const}$ as well.

    The looks are 1, 2, ..., or the times of the ``clock``, > 0 and rising; ``log_norms`` is ln of the gradient's norm
    beside them; ``first`` is where the window begins when it is not the last half of the looks.

    Source: gradient flow loses $g^2$ a unit of time, so $g^2/L=-d\ln L/dt$; Duan (1983) for the mean behind a log.

    >>> laws = fit_laws(-0.1 * np.arange(40.0))
    >>> int(laws.weight.argmax()) == GEOMETRIC, round(float(laws.rate[-1]) / 40, 6)
    (True, 0.1)
    """
    n, half = len(y), len(y) // 2 if first is None else first
    t = np.arange(half + 1.0, n + 1.0) / n if clock is None else clock[half:] / clock[-1]  # one at the last look
    x, late, m = coordinate(t, EXPONENTS), y[half:], n - half
    rate, square, residuals = lines(x, late)
    power = (residuals**2).sum(axis=1) + m * ROUNDING
    independent = effective(residuals)
    variance = power / (m - 2)
    bend, bend_error = _bend(x, late)
    evidence = _evidence(residuals)
    if log_norms is not None:
        z = 2.0 * log_norms[half:] - late
        log_t = np.log(t) - np.log(t).mean()
        evidence = evidence + _evidence(z - z.mean() - (EXPONENTS[:, None] - 1.0) * log_t)
    line = late.mean() + rate * x.mean(axis=1)
    return Laws(
        n, rate, np.sqrt(variance * m / independent / square), line, line + smearing(residuals),
        np.sqrt(variance), independent, bend, bend_error, evidence - evidence.max(),
    )  # fmt: skip


def outlook(laws: Laws, log_target: float) -> Outlook:
    """Steps to a target by every law and by all together; a law whose loss never gets there is left out.

    Rates are above zero, and the target's ln lies below the fitted level: what falls short has been refused before.

    >>> far = outlook(fit_laws(-0.1 * np.arange(40.0)), -6.0)
    >>> round(math.exp(far.log_steps), 6), far.never
    (21.0, 0.0)
    """
    p = EXPONENTS
    drop = laws.level - log_target
    ahead = drop / laws.rate  # in x, from the last look on
    inner = 1.0 + p * ahead
    reached = (inner > 0) & (drop > 0)
    grown = np.where(p == 0, ahead, np.log(np.where(reached, inner, 1.0)) / np.where(p == 0, 1.0, p))  # ln t at the end
    grown = np.clip(grown, 1e-12, FARTHEST)
    log_steps = np.log(np.expm1(grown)) + math.log(laws.looks)
    weight = np.where(reached, laws.weight, 0.0)
    never, weight = 1.0 - float(weight.sum()), weight / max(float(weight.sum()), np.finfo(float).tiny)
    mean = float(weight @ log_steps)
    gain = ahead * np.exp(grown * (1.0 - p)) / np.expm1(grown)  # d ln(steps) / d ln(x ahead)
    level = laws.noise * np.sqrt(1.0 + 4.0 / laws.independent) / np.maximum(drop, laws.noise)  # 1: of the crossing
    within = gain**2 * ((laws.rate_error / laws.rate) ** 2 + level**2)
    leverage = np.gradient(np.where(reached, log_steps, mean), p)
    return Outlook(
        mean, np.where(reached, log_steps, math.inf), math.sqrt(float(weight @ (log_steps - mean) ** 2)),
        math.sqrt(float(weight @ within)), abs(float(weight @ leverage)), float(laws.weight @ p), max(never, 0.0),
    )  # fmt: skip


def effective(residuals: Array) -> Array:
    r"""Independent residuals that each row (rows, n) is worth, n (1 - phi) / (1 + phi), at least one and at most n.

    phi is the correlation of neighbours, $\sum r_ir_{i+1}/\sum r_i^2$. About a line it comes out too small by about
    (2 + 4 phi) / n; that is put back, and the sum is cut to 0..1: rows that alternate are worth no more than n.

    Source: Kendall (1954) and Marriott and Pope (1954) for the mean, whose numbers a fitted slope doubles.

    >>> effective(np.array([[1.0, -1.0, 1.0, -1.0]])).tolist()
    [4.0]
    """
    n = residuals.shape[1]
    power = (residuals**2).sum(axis=1)
    phi = (residuals[:, 1:] * residuals[:, :-1]).sum(axis=1) / np.where(power > 0, power, 1.0)
    phi = np.clip(phi + (2.0 + 4.0 * phi) / n, 0.0, 1.0)
    return np.asarray(np.maximum(1.0, n * (1.0 - phi) / (1.0 + phi)))


def coordinate(t: Array, exponents: Array) -> Array:
    """x_p(t) of every law, shape (laws, looks)."""
    p = exponents[:, None]
    return np.asarray(np.where(p == 0, np.log(t), (t**p - 1.0) / np.where(p == 0, 1.0, p)))


def lines(x: Array, y: Array) -> tuple[Array, Array, Array]:
    """A line through y by least squares for each row of x: its fall, the squared spread of x, and the residuals.

    >>> fall, square, residuals = lines(np.array([[0.0, 1.0, 2.0]]), np.array([3.0, 1.0, -1.0]))
    >>> fall.tolist(), square.tolist(), residuals.tolist()
    ([2.0], [2.0], [[0.0, 0.0, 0.0]])
    """
    dx = x - x.mean(axis=1, keepdims=True)
    square = (dx**2).sum(axis=1)
    fall = -(dx @ y) / square
    return fall, square, y - y.mean() + fall[:, None] * dx


def smearing(residuals: Array) -> Array:
    """How far ln of the mean lies above the mean of ln, by the residuals of each row; Duan's smearing estimate.

    >>> smearing(np.log([[1.5, 0.5]])).tolist()
    [0.0]
    """
    return np.asarray(np.log(np.exp(residuals).mean(axis=-1)))


def _bend(x: Array, y: Array) -> tuple[Array, Array]:
    """Rate of the later half over that of the earlier half, and its standard error by the noise from look to look."""
    middle, scatter, rates, errors = len(y) // 2, noise(y), [], []
    for half in (slice(middle), slice(middle, None)):
        rate, square, _ = lines(x[:, half], y[half])
        rates.append(rate)
        errors.append(scatter / np.sqrt(square))
    known = rates[0] > 0
    before = np.where(known, rates[0], 1.0)
    bend = np.where(known, rates[1] / before, math.nan)
    return bend, np.where(known, np.hypot(errors[1], bend * errors[0]) / before, math.nan)


def _evidence(residuals: Array) -> Array:
    """Log-likelihood of normal residuals with unknown variance, less that of the best row.

    The residuals of the best law say how many are independent: those of a wrong law hang together for that reason.
    """
    power = (residuals**2).sum(axis=1) + residuals.shape[1] * ROUNDING
    best = int(power.argmin())
    return np.asarray(-0.5 * effective(residuals)[best] * np.log(power / power[best]))
