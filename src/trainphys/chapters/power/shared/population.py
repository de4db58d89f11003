"""Growth of a mean square that rare runs dominate: a population of runs that copies those that grew."""

import math
from collections.abc import Callable

import numpy as np

from trainphys.arrays import Array
from trainphys.chapters.power.shared.heavy_ball import heavy_ball
from trainphys.ensemble import stream
from trainphys.estimate import Estimate


def mean_square_rate(
    step_curvature: float, momentum: float, batch_size: float, *, walkers: int, updates: int, seed: int, task: int = 0
) -> float:
    r"""Growth per update of $\ln\operatorname E(\theta^2+v^2)$ for batches of Gaussian inputs, by population dynamics.

    The curvature that a batch of $B$ inputs sees is $\lambda\chi^2_B/B$. After each update a walker is copied in
    proportion to the growth of its squared length; the mean of these growths is a factor of the mean square. A plain
    average would miss the few runs that carry it. The first fifth of the updates is left out. The bias falls as the
    inverse of the number of walkers.

    Source: Giardina, Kurchan and Peliti (2006), for the squared length.
    """
    rng = stream(seed, "population", task)
    state = rng.standard_normal((2, walkers))
    total, first, places = 0.0, updates // 5, (np.arange(walkers) + 0.0) / walkers
    for t in range(updates):
        seen = step_curvature * rng.gamma(batch_size / 2, 2 / batch_size, walkers)
        state[0], state[1] = heavy_ball(state[0], state[1], seen * state[0], momentum)
        weight = state[0] ** 2 + state[1] ** 2
        mean = weight.mean()
        if t >= first:
            total += math.log(mean)
        cumulated = np.cumsum(weight)
        chosen = np.searchsorted(cumulated, cumulated[-1] * (places + rng.random() / walkers))
        chosen = np.minimum(chosen, walkers - 1)
        state = state[:, chosen] / np.sqrt(weight[chosen])
    return total / (updates - first)


def mean_square_rate_of_spectrum(
    step_curvatures: Array, momentum: float, batch_size: int, *, walkers: int, updates: int, seed: int, task: int = 0
) -> float:
    r"""As ``mean_square_rate``, for several parameters, each with a curvature of its own."""
    rng = stream(seed, "population of vectors", task)
    scale = np.sqrt(step_curvatures)
    position, velocity = rng.standard_normal((2, walkers, len(scale)))
    total, first, places = 0.0, updates // 5, np.arange(walkers) / walkers
    for t in range(updates):
        push = scale * mean_of_inputs(scale * position, batch_size, rng)
        position, velocity = heavy_ball(position, velocity, push, momentum)
        weight = (position**2).sum(axis=1) + (velocity**2).sum(axis=1)
        if t >= first:
            total += math.log(weight.mean())
        cumulated = np.cumsum(weight)
        chosen = np.searchsorted(cumulated, cumulated[-1] * (places + rng.random() / walkers))
        chosen = np.minimum(chosen, walkers - 1)
        length = np.sqrt(weight[chosen])[:, None]
        position, velocity = position[chosen] / length, velocity[chosen] / length
    return total / (updates - first)


def mean_of_inputs(along: Array, batch_size: int, rng: np.random.Generator) -> Array:
    r"""$\frac1B\sum_b(z_b\cdot w)\,z_b$ of a batch of standard normal inputs $z_b$, for each row $w$, not zero.

    Along $w$ the sum is $w\,\chi^2_B$. Across, the inputs do not depend on that: there it is
    $\lvert w\rvert\chi_B$ times a normal vector. So a batch takes one vector, not $B$.
    """
    square = rng.chisquare(batch_size, (len(along), 1))
    length = np.sqrt((along**2).sum(axis=1, keepdims=True))
    across = rng.standard_normal(along.shape)
    across -= (across * along).sum(axis=1, keepdims=True) / length**2 * along
    return np.asarray((along * square + length * np.sqrt(square) * across) / batch_size)


def zero_crossing(measured: Callable[[float, int], float], places: tuple[float, ...], *, groups: int) -> Estimate:
    """Where a measured function vanishes: a parabola through each group's values, its root next to the places.

    ``measured`` takes a place and the number of a random stream; the places are four or more, about the root.

    >>> round(zero_crossing(lambda x, task: x - 2 + 0.01 * (task % 2), (1.7, 1.9, 2.1, 2.2), groups=3).value, 1)
    2.0
    """
    roots = []
    for group in range(groups):
        values = [measured(x, 100 * group + i) for i, x in enumerate(places)]
        parabola = np.polynomial.Polynomial.fit(places, values, 2)
        nearest = float(places[int(np.argmin(np.abs(values)))])
        real = [float(r.real) for r in parabola.roots() if abs(r.imag) < 1e-9]
        if not real:
            raise ValueError(f"expected a change of sign near {places}, got values {values}: move the places")
        roots.append(min(real, key=lambda r, near=nearest: abs(r - near)))  # type: ignore[misc]
    return Estimate.from_samples(roots)


def stationary_square(
    step_curvature: float, momentum: float, *, replicas: int, updates: int, seed: int, task: int = 0
) -> float:
    r"""Mean of $\theta^2$ over replicas and the second half of a run with kicks of unit variance at every update."""
    rng = stream(seed, "additive noise", task)
    theta, v, total = np.zeros(replicas), np.zeros(replicas), 0.0
    for t in range(updates):
        theta, v = heavy_ball(theta, v, step_curvature * theta - rng.standard_normal(replicas), momentum)
        if t >= updates // 2:
            total += float((theta**2).mean())
    return total / (updates - updates // 2)
