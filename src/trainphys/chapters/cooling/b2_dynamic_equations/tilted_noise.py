"""Two parameters under gradient noise that is stronger along one axis than along the other, at any angle."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import RegularGridInterpolator

from trainphys.arrays import Array
from trainphys.estimate import Estimate
from trainphys.simulate.fokker_planck_2d import Box, FokkerPlanck2D

Slope2D = Callable[[Array, Array], tuple[Array, Array]]


@dataclass(frozen=True, slots=True)
class NoiseAxes:
    r"""Axes of the gradient noise, turned against those of the parameters; their temperatures are $\eta C/2B$."""

    strong: float  # temperature along the first axis, loss units
    weak: float  # and along the second
    angle: float  # of the first axis to theta_1, radians

    @property
    def basis(self) -> Array:
        """Columns are the axes."""
        c, s = np.cos(self.angle), np.sin(self.angle)
        return np.array([[c, -s], [s, c]])

    @property
    def matrix(self) -> Array:
        """Temperature as a matrix in the parameters, D over the mobility."""
        return np.asarray(self.basis @ np.diag([self.strong, self.weak]) @ self.basis.T)


@dataclass(frozen=True, slots=True)
class RestingDensity:
    """Stationary density and current, on a grid in the parameters; arrays are indexed [theta_1, theta_2]."""

    first: Array
    second: Array
    density: Array
    current: tuple[Array, Array]
    moments: Array  # <theta_i theta_j>
    turning: float  # <theta_1 dtheta_2 - theta_2 dtheta_1> per clock


def resting_density(slope: Slope2D, noise: NoiseAxes, half: float, cells: int, shown: int = 200) -> RestingDensity:
    r"""State of rest of $\partial_up=\nabla\cdot(p\nabla L+\mathsf T\nabla p)$ with a temperature matrix, clock
    $u=\int\eta\,dt$.

    Solved on a square of side ``2 * half``, on the axes of the noise; ``slope(theta_1, theta_2)`` gives both
    derivatives of the loss. The answer has ``shown`` points on each side.
    """
    axes = noise.basis
    box = Box((-half, half), (-half, half), (cells, cells))

    def drift(u: Array, v: Array) -> tuple[Array, Array]:
        first, second = slope(axes[0, 0] * u + axes[0, 1] * v, axes[1, 0] * u + axes[1, 1] * v)
        return -(axes[0, 0] * first + axes[1, 0] * second), -(axes[0, 1] * first + axes[1, 1] * second)

    model = FokkerPlanck2D(box, drift, lambda u, v: (noise.strong, noise.weak))
    p = model.stationary()
    edge = max(p[0].max(), p[-1].max(), p[:, 0].max(), p[:, -1].max())
    if edge > 1e-6 * p.max():
        raise ValueError(f"expected a density that vanishes at the walls, got {edge:.1e} there: make half larger")
    u, v = box.mesh()
    inner = np.array([[(p * a * b).sum() for b in (u, v)] for a in (u, v)]) * box.area
    along = model.current(p)
    side = np.linspace(-half / np.sqrt(2), half / np.sqrt(2), shown)
    first, second = np.meshgrid(side, side, indexing="ij")
    points = np.stack([first * axes[0, k] + second * axes[1, k] for k in (0, 1)], axis=-1)

    def at_points(values: ArrayLike) -> Array:
        return np.asarray(
            RegularGridInterpolator(box.centres, np.asarray(values), bounds_error=False, fill_value=None)(points)
        )

    ju, jv = at_points(along[0]), at_points(along[1])
    current = axes[0, 0] * ju + axes[0, 1] * jv, axes[1, 0] * ju + axes[1, 1] * jv
    return RestingDensity(side, side, at_points(p), current, axes @ inner @ axes.T, model.turning(p))


def tilted_updates(
    slope: Slope2D,
    noise: NoiseAxes,
    learning_rate: float,
    steps: int,
    replicas: int,
    rng: np.random.Generator,
    burn_in: int,
) -> dict[str, Estimate]:
    """Stochastic gradient descent at rest, with samples that pull one way or the other along both noise axes.

    Means over ``steps`` updates of ``"11"``, ``"12"``, ``"22"`` (products of the parameters) and ``"turning"`` (per
    clock); the replicas start at random near zero.
    """
    x = rng.uniform(-1, 1, (2, replicas))
    kick = noise.basis * np.sqrt(2 * np.array([noise.strong, noise.weak]) * learning_rate)
    sums = np.zeros((4, replicas))
    for k in range(burn_in + steps):
        signs = 2.0 * rng.integers(2, size=(2, replicas), dtype=np.int8) - 1
        change = kick @ signs - learning_rate * np.stack(slope(x[0], x[1]))
        if k >= burn_in:
            sums += x[0] ** 2, x[0] * x[1], x[1] ** 2, (x[0] * change[1] - x[1] * change[0]) / learning_rate
        x += change
    return {
        name: Estimate.from_samples(row / steps) for name, row in zip(("11", "12", "22", "turning"), sums, strict=True)
    }
