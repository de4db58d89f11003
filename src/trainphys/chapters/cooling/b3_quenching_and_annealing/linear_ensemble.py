"""Particles under a linear drift, rotation included, and the entropy that they produce: heat and spread."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.estimate import Estimate
from trainphys.simulate.ornstein_uhlenbeck import drift_and_diffusion, ou_step


@dataclass(frozen=True, slots=True)
class LinearPaths:
    """Ends of many trajectories of a linear drift, and the heat over T that each gave off, at two resolutions."""

    start: Array
    end: Array
    medium: Array  # work of the drift at every step
    medium_coarse: Array  # at every second step of the same paths

    def limit(self, quantity: Array, coarse: Array) -> Estimate:
        """Mean at vanishing step, from its values at one and at two steps (the error of the mean is first order)."""
        return Estimate.from_samples(2 * quantity - coarse)


def linear_paths(
    drift: ArrayLike, diffusion: ArrayLike, start: ArrayLike, duration: float, steps: int, rng: np.random.Generator
) -> LinearPaths:
    r"""Trajectories of $dx=-Ax\,dt+\sqrt2\,D^{1/2}dW$ with the heat that the drift gives off along each.

    $$\Delta s_{\rm med}=-\int(D^{-1}Ax)\circ dx,$$ the drift taken at the middle of each step (Stratonovich), which is
    what makes it heat. States are exact; the sum has an error of first order in the step.

    The start has the shape (particles, d), the number of steps is even.

    Source: Sekimoto (2010), "Stochastic Energetics", chapter 4.
    """
    a, d = drift_and_diffusion(drift, diffusion)
    x = np.array(start, dtype=float)
    if x.ndim != 2 or x.shape[1] != len(a) or steps < 2 or steps % 2:
        raise ValueError(f"expected start of shape (particles, {len(a)}) and even steps, got {x.shape} and {steps}")
    step, noise = ou_step(a, d, duration / steps)
    root, force = np.linalg.cholesky(noise), -np.linalg.solve(d, a)
    fine, coarse, first, last_even = np.zeros(len(x)), np.zeros(len(x)), x, x
    for k in range(steps):
        moved = x @ step.T + rng.standard_normal(x.shape) @ root.T
        fine += _work(force, x, moved)
        if k % 2:
            coarse += _work(force, last_even, moved)
            last_even = moved
        x = moved
    return LinearPaths(first, x, fine, coarse)


def entropy_of_cloud(states: ArrayLike) -> float:
    r"""Entropy of a Gaussian cloud of particles from its covariance, $\tfrac12\ln\det2\pi eS$, in nats.

    >>> round(entropy_of_cloud([[-1.0], [0.0], [1.0]]) - float(np.log(2 * np.pi * np.e)) / 2, 12)
    0.0
    """
    covariance = np.atleast_2d(np.cov(np.asarray(states, dtype=float), rowvar=False))
    return float(np.linalg.slogdet(2 * np.pi * np.e * covariance)[1] / 2)


def cloud_production(paths: LinearPaths, groups: int = 25) -> Estimate:
    r"""Total entropy produced by a Gaussian cloud, $\langle\Delta s_{\rm med}\rangle+\Delta S$ in nats, from its
    particles alone; the scatter of groups of them gives the error.
    """
    if len(paths.start) < 100 * groups:
        raise ValueError(f"expected {100 * groups} particles or more, got {len(paths.start)}: fewer bias the entropy")
    found = []
    for g in range(groups):
        part = slice(g, None, groups)
        heat = float((2 * paths.medium[part] - paths.medium_coarse[part]).mean())
        found.append(heat + entropy_of_cloud(paths.end[part]) - entropy_of_cloud(paths.start[part]))
    return Estimate.from_samples(found)


def _work(force: ArrayLike, before: ArrayLike, after: ArrayLike) -> Array:
    a, b = np.asarray(before), np.asarray(after)
    return np.asarray(((a + b) / 2 @ np.asarray(force).T * (b - a)).sum(axis=1))


def gradient_quench(dimension: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """A random quadratic loss of several parameters: its Hessian, of curvatures 0.3 to 3, and a displaced mean.

    >>> hessian, mean = gradient_quench(3, np.random.default_rng(0))
    >>> bool(np.linalg.eigvalsh(hessian).min() > 0.29), mean.shape
    (True, (3,))
    """
    axes = np.linalg.qr(rng.standard_normal((dimension, dimension)))[0]
    return np.asarray(axes * np.geomspace(0.3, 3.0, dimension) @ axes.T), rng.standard_normal(dimension)
