"""What the claimed estimators are meant to estimate, measured: temperatures, final temperatures, relaxation times."""

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
from trainphys.workloads.perceptron import Perceptron
from trainphys.workloads.softmax_regression import SoftmaxRegression


def ensemble_estimators(
    potential: Quartic, temperature: float, rng: np.random.Generator, particles: int = 100_000, dt: float = 0.0025
) -> tuple[float, float, Estimate]:
    r"""Gradients of Langevin particles at rest in a bath: their variance, mean norm, and configurational temperature.

    The last is $\operatorname{var}(\nabla L)/\langle\nabla^2L\rangle$, which equals T at equilibrium in any loss:
    integrate $\int L'^2e^{-L/T}$ by parts. The particles make 50 groups, whose scatter is the error.

    Source: Butler, Ayton, Jepps and Evans (1998) for the configurational temperature.
    """
    times = np.arange(0, 6 + dt / 2, dt)
    start = rng.uniform(-1.2, 1.2, particles)
    x = langevin(potential, start, quench(temperature), times, rng).states[0].reshape(50, -1)
    cubic = np.polynomial.Polynomial(potential.parameters)
    force, bend = cubic(x), cubic.deriv()(x)
    square = (force**2).mean(axis=1) - force.mean() ** 2
    return (
        float(square.mean()),
        float(np.abs(force).mean()),
        Estimate.ratio_of_paired(square, bend.mean(axis=1)),
    )


def needed_temperature(
    curvatures: Sequence[float], excess_loss: float, rng: np.random.Generator, particles: int = 40_000
) -> Estimate:
    """Temperature at which particles in a quadratic loss lie a given mean loss above its minimum.

    They relax from the minimum at T = 1; the mean loss is proportional to T, which gives the temperature asked for.
    """
    x = _relaxed(curvatures, 1.0, rng, particles)
    return excess_loss / Estimate.from_samples(x**2 @ np.asarray(curvatures) / 2)


def confining_temperature(curvatures: Sequence[float], spread: float, rng: np.random.Generator) -> Estimate:
    """Temperature at which particles in a quadratic loss spread by a standard deviation along the softest mode.

    They relax at T = 1; the variance is proportional to T, which gives the temperature asked for.
    """
    x = _relaxed(curvatures, 1.0, rng, 40_000)
    return spread**2 / Estimate.from_samples(x[:, int(np.argmin(curvatures))] ** 2)


def _relaxed(curvatures: Sequence[float], temperature: float, rng: np.random.Generator, particles: int) -> Array:
    """Particles that started at the minimum, after twelve relaxation times in exact steps of the linear dynamics."""
    h, wait = np.diag(curvatures), 12 / min(curvatures)
    start, bath = np.zeros((particles, len(h))), temperature * np.eye(len(h))
    return np.asarray(sample_ou(h, bath, start, [0.0, wait / 2, wait], rng)[-1])


def sgd_needed_temperature(
    model: SoftmaxRegression, run: StationarySgd, minimum: ArrayLike, excess_loss: float
) -> Estimate:
    """Temperature of stationary SGD, from its steps, scaled to the mean loss above the minimum that is asked for."""
    least = model.loss(minimum)
    above = np.array([[model.loss(t) - least for t in replicas] for replicas in run.states]).mean(axis=0)
    return Estimate.ratio_of_paired(excess_loss * run.steps.mean(axis=1), above)


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
    r"""Updates in which SGD forgets a displacement along a direction, $-n/\ln(m_n/m_0)$, m the mean left of it.

    The displacement is well above the spread of the noise, and n about one decay time.
    """
    theta = np.tile(minimum + direction, (replicas, 1))
    for _ in range(updates):
        chosen = rng.integers(model.samples, size=(replicas, batch_size))
        theta = theta - learning_rate * model.batch_gradients(theta, chosen)
    left = Estimate.from_samples((theta - minimum) @ direction / (direction @ direction))
    time = -updates / math.log(left.value)
    return Estimate.combined(time, [(time**2 / updates / left.value, left)])


def least_eigenvalue_at_start(model: Perceptron, rng: np.random.Generator) -> Estimate:
    """The largest, over eight starts of a network, of the least Hessian eigenvalue."""
    best = max(float(np.linalg.eigvalsh(model.hessian(point))[0]) for point in model.start(rng, 8))
    return Estimate.from_solver(best, error=1e-9)
