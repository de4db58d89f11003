"""What the claimed estimators are meant to estimate, measured: temperatures, final temperatures, relaxation times."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.chapters.cooling.b6_estimators_and_adaptation.sgd_at_rest import StationarySgd, Trainable
from trainphys.estimate import Estimate
from trainphys.simulate.langevin import langevin
from trainphys.simulate.ornstein_uhlenbeck import sample_ou
from trainphys.systems.coolings import quench
from trainphys.systems.losses import Quartic
from trainphys.workloads.softmax_regression import SoftmaxRegression


def claimed_from_batches(run: StationarySgd, batch_size: int) -> float:
    r"""The document's $T_0$ from the batch gradients of a stationary run, $\frac{\operatorname{tr}C}{B\,\langle|g|\rangle}$.

    Args:
        run: a stationary run, which holds the noise and the mean norm of its batch gradients.
        batch_size: B of that run.
    """  # noqa: E501
    return float(run.noise.sum(axis=1).mean() / batch_size / run.gradient_norm.mean())


def ensemble_estimators(
    potential: Quartic, temperature: float, rng: np.random.Generator, particles: int = 100_000, dt: float = 0.0025
) -> tuple[Estimate, Estimate]:
    r"""Two temperatures read from Langevin particles at rest in a bath: the document's, and the configurational one.

    The first is $\operatorname{var}(\nabla L)/\langle|\nabla L|\rangle$ over the particles, the second
    $\operatorname{var}(\nabla L)/\langle\nabla^2L\rangle$, which equals T at equilibrium in any loss: integrate
    $\int L'^2e^{-L/T}$ by parts.

    Args:
        potential: the loss.
        temperature: T > 0 of the bath.
        rng: generator of this task.
        particles: number of particles, a multiple of 50.
        dt: Euler step.

    Source: Rugh (1997) for the configurational temperature.
    """
    times = np.arange(0, 6 + dt / 2, dt)
    start = rng.uniform(-1.2, 1.2, particles)
    x = langevin(potential, start, quench(temperature), times, rng).states[0].reshape(50, -1)
    cubic = np.polynomial.Polynomial(potential.parameters)
    force, bend = cubic(x), cubic.deriv()(x)
    square = (force**2).mean(axis=1) - force.mean() ** 2
    return _ratio(square, np.abs(force).mean(axis=1)), _ratio(square, bend.mean(axis=1))


def needed_temperature(
    curvatures: Sequence[float], excess_loss: float, rng: np.random.Generator, particles: int = 40_000
) -> Estimate:
    r"""Temperature at which particles in a quadratic loss lie a given mean loss above its minimum.

    Particles relax from the minimum at a trial temperature, by exact steps of the linear dynamics; the mean loss is
    proportional to T, which gives the temperature that is asked for.

    Args:
        curvatures: $\lambda_i>0$.
        excess_loss: $\varepsilon>0$.
        rng: generator of this task.
        particles: number of particles.
    """
    h, trial = np.diag(curvatures), 1.0
    wait = 12 / min(curvatures)
    x = sample_ou(h, trial * np.eye(len(h)), np.zeros((particles, len(h))), [0.0, wait / 2, wait], rng)[-1]
    loss = (x**2 @ np.asarray(curvatures)) / 2
    mean = Estimate.from_samples(loss)
    return _inverse(mean, excess_loss * trial)


def spread_at(curvatures: Sequence[float], temperature: float, rng: np.random.Generator) -> Estimate:
    """Variance of the softest mode of a quadratic loss at a temperature, from particles moved by exact steps."""
    h = np.diag(curvatures)
    wait = 12 / min(curvatures)
    x = sample_ou(h, temperature * np.eye(len(h)), np.zeros((40_000, len(h))), [0.0, wait / 2, wait], rng)[-1]
    return Estimate.from_samples(x[:, int(np.argmin(curvatures))] ** 2)


def sgd_needed_temperature(
    model: SoftmaxRegression, run: StationarySgd, minimum: ArrayLike, excess_loss: float
) -> Estimate:
    """The same from stationary SGD: its mean temperature, scaled to the mean loss above the minimum that is asked for.

    Args:
        model: the loss.
        run: stationary run of it, with the temperature taken from its steps.
        minimum: where the loss is least.
        excess_loss: target, near that of the run.
    """
    least = model.loss(minimum)
    above = np.array([[model.loss(t) - least for t in replicas] for replicas in run.states]).mean(axis=0)
    return _ratio(excess_loss * run.steps.mean(axis=1), above)


def decay_time(
    model: Trainable,
    minimum: Array,
    direction: Array,
    rng: np.random.Generator,
    *,
    learning_rate: float,
    batch_size: int,
    updates: int,
    replicas: int,
) -> Estimate:
    r"""Number of updates in which SGD forgets a displacement along a direction, $-n/\ln(m_n/m_0)$, m the mean left of it.

    Args:
        model: the loss.
        minimum: where its gradient vanishes, shape (d,).
        direction: displacement, shape (d,), well above the spread of the noise.
        rng: generator of the batches.
        learning_rate: $\eta$.
        batch_size: B.
        updates: n, about one decay time.
        replicas: independent runs.
    """  # noqa: E501
    theta = np.tile(minimum + direction, (replicas, 1))
    for _ in range(updates):
        chosen = rng.integers(model.samples, size=(replicas, batch_size))
        theta = theta - learning_rate * model.batch_gradients(theta, chosen)
    left = Estimate.from_samples((theta - minimum) @ direction / (direction @ direction))
    time = -updates / math.log(left.value)
    return Estimate(time, time**2 / updates * left.stderr / left.value, replicas, left.dof)


def _ratio(above: Array, below: Array) -> Estimate:
    """Ratio of two means of paired samples."""
    ratio = above.mean() / below.mean()
    return Estimate(
        ratio, (above - ratio * below).std(ddof=1) / below.mean() / math.sqrt(len(above)), len(above), len(above) - 1
    )


def _inverse(mean: Estimate, factor: float) -> Estimate:
    return Estimate(factor / mean.value, factor * mean.stderr / mean.value**2, mean.n, mean.dof)
