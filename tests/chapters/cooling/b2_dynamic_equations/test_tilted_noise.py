"""Tests of ``chapters.cooling.b2_dynamic_equations.tilted_noise``."""

import math

import numpy as np
import pytest

from tests.simulate import twins
from trainphys.chapters.cooling.b2_dynamic_equations.tilted_noise import NoiseAxes, resting_density, tilted_updates


def test_particles_and_density_agree_in_two_wells():
    pull, axes = lambda a, b: (2 * a * (a * a - 1), 1.5 * b), NoiseAxes(0.5, 0.05, np.pi / 4)
    still = resting_density(pull, axes, 4.5, 160)
    found = tilted_updates(pull, axes, 0.01, 3000, 500, np.random.default_rng(0), burn_in=1500)
    for name, (i, j) in {"11": (0, 0), "12": (0, 1), "22": (1, 1)}.items():
        assert abs(found[name].value - still.moments[i, j]) < found[name].tolerance() + 0.01 * still.moments[i, j]
    assert abs(found["turning"].value - still.turning) < found["turning"].tolerance()


def test_noise_axes_turn():
    axes = NoiseAxes(0.5, 0.05, np.pi / 4)
    np.testing.assert_allclose(axes.matrix, [[0.275, 0.225], [0.225, 0.275]])
    coarse, fine = (resting_density(lambda a, b: (0.5 * a, 2 * b), axes, 6.5, n) for n in (100, 200))
    np.testing.assert_allclose(fine.moments, [[0.55, 0.18], [0.18, 0.1375]], rtol=0.01)
    exact = (0.5 - 2) * 0.18
    assert (coarse.turning - exact) / (fine.turning - exact) == pytest.approx(4, rel=0.1)
    assert fine.turning == pytest.approx(exact, rel=0.02)


def test_means_at_rest_are_those_of_single_replicas():
    """Two pulls a replica and update, one along each axis of the noise; averages over the updates after the burn-in."""
    axes, eta = NoiseAxes(0.5, 0.05, 0.6), 0.2
    found = tilted_updates(lambda a, b: (2 * a + b, 3 * b), axes, eta, 4, 3, np.random.default_rng(4), burn_in=2)
    rng = np.random.default_rng(4)
    (x, y), sums = rng.uniform(-1, 1, (2, 3)).tolist(), [0.0] * 4
    signs = [(2 * rng.integers(2, size=(2, 3), dtype=np.int8) - 1).tolist() for _ in range(6)]
    c, s, strong, weak = math.cos(0.6), math.sin(0.6), math.sqrt(2 * 0.5 * eta), math.sqrt(2 * 0.05 * eta)
    for r in range(3):
        a, b = x[r], y[r]
        for n in range(6):
            one, other = signs[n][0][r] * strong, signs[n][1][r] * weak
            da, db = c * one - s * other - eta * (2 * a + b), s * one + c * other - eta * 3 * b
            if n >= 2:
                for k, term in enumerate((a * a, a * b, b * b, (a * db - b * da) / eta)):
                    sums[k] += term / 4 / 3
            a, b = a + da, b + db
    assert [found[name].value for name in ("11", "12", "22", "turning")] == pytest.approx(sums)


def on_plane(values, points, widths, corner):
    """A line in each direction between the four centres around a point."""
    found = []
    for u, v in points:
        a, b = (u - corner) / widths, (v - corner) / widths
        i, j = (min(max(math.floor(c), 0), len(values) - 2) for c in (a, b))
        s, t = a - i, b - j
        low, high = ((1 - t) * row[j] + t * row[j + 1] for row in (values[i], values[i + 1]))
        found.append((1 - s) * low + s * high)
    return found


def test_a_resting_density_is_that_of_a_loop_over_faces():
    """Rates of the walk along both axes of the noise, face by face; at rest by Gauss; turned back to the parameters."""
    slope = lambda a, b: (2 * a + 0.8 * b + a**3, 3 * b - 0.4 * a)  # noqa: E731
    strong, weak, angle, half, n = 0.5, 0.3, 0.6, 3.5, 12
    c, s, w = math.cos(angle), math.sin(angle), 2 * half / n
    centre = [-half + w * (i + 0.5) for i in range(n)]
    turned = lambda u, v: (c * u - s * v, s * u + c * v)  # noqa: E731
    g = [[0.0] * (n * n) for _ in range(n * n)]

    def link(low, high, pull, T):
        """Rates across a face where the drift is -pull."""
        x = pull * w / T
        up, down = (T / w**2 * (z / math.expm1(z) if z else 1.0) for z in (x, -x))
        g[high][low] += up
        g[low][low] -= up
        g[low][high] += down
        g[high][high] -= down
        return low, high, up, down

    faces = []
    for i in range(n):
        for j in range(n):
            here = i * n + j
            if i + 1 < n:
                a, b = slope(*turned(centre[i] + w / 2, centre[j]))
                faces.append((0, *link(here, here + n, c * a + s * b, strong)))
            if j + 1 < n:
                a, b = slope(*turned(centre[i], centre[j] + w / 2))
                faces.append((1, *link(here, here + 1, -s * a + c * b, weak)))
    p = twins.solved([*g[:-1], [w * w] * (n * n)], [0.0] * (n * n - 1) + [1.0])
    flow = [[0.0] * (n * n) for _ in (0, 1)]
    for axis, low, high, up, down in faces:
        for cell in (low, high):
            flow[axis][cell] += (up * p[low] - down * p[high]) * w / 2
    moments, turning = [0.0] * 3, 0.0
    for i in range(n):
        for j in range(n):
            here = i * n + j
            (x, y), (jx, jy) = turned(centre[i], centre[j]), turned(flow[0][here], flow[1][here])
            for k, term in enumerate((x * x, x * y, y * y)):
                moments[k] += p[here] * term * w * w
            turning += (x * jy - y * jx) * w * w
    found = resting_density(slope, NoiseAxes(strong, weak, angle), half, n, shown=4)
    assert [found.moments[0, 0], found.moments[0, 1], found.moments[1, 1]] == pytest.approx(moments)
    assert found.moments[1, 0] == pytest.approx(moments[1])
    assert found.turning == pytest.approx(turning)
    side = [half / math.sqrt(2) * (2 * k / 3 - 1) for k in range(4)]
    assert found.first == pytest.approx(side)
    assert found.second == pytest.approx(side)
    points = [(c * x + s * y, -s * x + c * y) for x in side for y in side]
    square = lambda values: [values[n * i : n * i + n] for i in range(n)]  # noqa: E731
    shown = [on_plane(square(v), points, w, centre[0]) for v in (p, *flow)]
    assert found.density.ravel() == pytest.approx(shown[0], rel=1e-8)
    assert found.current[0].ravel() == pytest.approx(
        [c * a - s * b for a, b in zip(*shown[1:], strict=True)], abs=1e-12
    )
    assert found.current[1].ravel() == pytest.approx(
        [s * a + c * b for a, b in zip(*shown[1:], strict=True)], abs=1e-12
    )


def test_walls_that_are_felt_are_refused():
    with pytest.raises(ValueError, match="make half larger"):
        resting_density(lambda a, b: (a, b), NoiseAxes(0.5, 0.5, 0.0), 2.0, 12)
