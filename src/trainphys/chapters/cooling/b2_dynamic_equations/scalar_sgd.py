"""Stochastic gradient descent in one parameter: simulated, and as a density carried from update to update."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.estimate import Estimate
from trainphys.systems.grid import Grid
from trainphys.systems.losses import Potential

Slope = Callable[[Array], Array]
Noise = Callable[[np.random.Generator, Array], Array]  # the gradient noise of every replica's batch, from its place


def scalar_updates(
    slope: Slope,
    noise: Noise,
    start: ArrayLike,
    learning_rates: ArrayLike,
    rng: np.random.Generator,
    momentum: float = 0.0,
) -> Array:
    r"""Parameters of many replicas after $v\leftarrow\mu v-\eta\,(L'(\theta)+\xi)$, $\theta\leftarrow\theta+v$ for each
    learning rate, from $v=0$.

    >>> scalar_updates(lambda x: x, lambda rng, x: 0.0, [1.0], [0.5, 0.5], np.random.default_rng(0))
    array([0.25])
    """
    theta = np.array(start, dtype=float)
    velocity = np.zeros_like(theta)
    for eta in np.asarray(learning_rates, dtype=float):
        velocity *= momentum
        velocity -= eta * (slope(theta) + noise(rng, theta))
        theta += velocity
    return theta


def two_point_noise(strength: float) -> Noise:
    """Noise of samples that pull one way or the other, with equal chance; far from Gaussian."""
    return lambda rng, theta: np.asarray(strength * (2.0 * rng.integers(2, size=theta.shape, dtype=np.int8) - 1.0))


def spread_curvature_noise(additive: float, multiplicative: float) -> Noise:
    r"""Gaussian noise of variance $c_0+c_1\theta^2$: samples that differ in tilt and in curvature."""
    return lambda rng, theta: np.asarray(
        np.sqrt(additive + multiplicative * theta**2) * rng.standard_normal(theta.shape)
    )


def stable_noise(index: float, scale: float) -> Noise:
    r"""Symmetric stable noise of index $0<\alpha\le2$; of infinite variance below 2.

    Source: Chambers, Mallows and Stuck (1976).
    """

    def draw(rng: np.random.Generator, theta: Array) -> Array:
        angle = np.pi * (rng.random(theta.shape) - 0.5)
        if index == 1:
            return np.asarray(scale * np.tan(angle))
        weight = rng.standard_exponential(theta.shape)
        first = np.sin(index * angle) / np.cos(angle) ** (1 / index)
        return np.asarray(scale * first * (np.cos((1 - index) * angle) / weight) ** ((1 - index) / index))

    return draw


def reshuffled_noise(samples: ArrayLike) -> Noise:
    """Noise of batches of one drawn without replacement: each replica passes through all samples in a new order."""
    values = np.asarray(samples, dtype=float)
    values = values - values.mean()
    left: list[Array] = []

    def draw(rng: np.random.Generator, theta: Array) -> Array:
        if not left:
            left.extend(rng.permuted(np.tile(values, (theta.size, 1)), axis=1).T)
        return left.pop()

    return draw


def einstein_samples(
    slope: Slope, noise: Noise, states: ArrayLike, learning_rate: float, rng: np.random.Generator
) -> tuple[Array, Array]:
    r"""For each replica: diffusion of one update, and learning rate times temperature; Einstein has their means equal.

    The diffusion comes from two updates of one state that differ in their batches, $\tfrac14(\Delta_1-\Delta_2)^2$;
    the temperature from the virial, $T=\langle\theta L'(\theta)\rangle$, which holds for a Boltzmann density in any
    loss.
    """
    x = np.asarray(states, dtype=float)
    one, other = (scalar_updates(slope, noise, x, [learning_rate], rng) for _ in range(2))
    return (one - other) ** 2 / 4, learning_rate * x * slope(x)


def updates_density(
    potential: Potential, density: ArrayLike, learning_rate: float, temperature: float, updates: int, grid: Grid
) -> Array:
    r"""Density of many replicas after some updates with Gaussian noise, by applying the update's own kernel.

    $$p_{k+1}(\theta')=\int N\bigl(\theta';\,\theta-\eta L'(\theta),\,2\eta T\bigr)\,p_k(\theta)\,d\theta$$ with the
    midpoint rule. No Fokker-Planck equation enters: what the steps do is exact, whatever their length.
    """
    p, x = np.array(density, dtype=float), grid.centres
    spread = np.sqrt(2 * learning_rate * temperature)
    if grid.width > spread / 2:
        raise ValueError(f"expected cells narrower than {spread / 2:.3g}, got {grid.width:.3g}: take more of them")
    slope = np.array([potential.slope(v, np.asarray(potential.parameters)) for v in x])
    kernel = np.exp(-(((x[:, None] - (x - learning_rate * slope)) / spread) ** 2) / 2)
    kernel *= grid.width / (spread * np.sqrt(2 * np.pi))
    for _ in range(updates):
        p = kernel @ p
    return np.asarray(p)


def width(states: ArrayLike, groups: int = 64) -> Estimate:
    """Half the distance between the quartiles, with its error from groups of replicas."""
    x = np.asarray(states, dtype=float).ravel()
    if x.size < 8 * groups:
        raise ValueError(f"expected at least {8 * groups} replicas, got {x.size}: quartiles of fewer are biased")
    parts = np.quantile(x[: x.size // groups * groups].reshape(groups, -1), (0.25, 0.75), axis=1)
    spread = (parts[1] - parts[0]) / 2
    low, high = np.quantile(x, (0.25, 0.75))
    return Estimate(float(high - low) / 2, float(spread.std(ddof=1) / np.sqrt(groups)), x.size, groups - 1)
