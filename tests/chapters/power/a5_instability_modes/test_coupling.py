"""Tests of ``chapters.power.a5_instability_modes.coupling``."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from tests.simulate import twins
from trainphys.chapters.power.a5_instability_modes.coupling import split_modes_found, threshold_found
from trainphys.ensemble import stream
from trainphys.laws.oscillation import critical_coupling, critical_coupling_of_updates


def test_split_modes_in_the_flow_and_in_updates():
    gamma, w = 0.2, 1.0
    g = critical_coupling(gamma, w)
    held = [math.sqrt(w**2 + sign * g**2 - gamma**2 / 4) for sign in (1, -1)]
    assert held[0] - held[1] == pytest.approx(gamma)
    found = split_modes_found(0.09, 0.985, seed=1, updates=20_000)
    assert abs(found.value - critical_coupling_of_updates(0.09, 0.985)) <= found.tolerance()


@pytest.mark.parametrize("criterion", ["balanced gain", "instability"])
def test_thresholds_by_propagator_and_by_integration(criterion):
    damping, w = 0.15, 1.0
    law = critical_coupling(damping, w, criterion)
    found = threshold_found(damping, w, criterion)
    assert abs(found.value - law) <= found.tolerance()
    other = -damping if criterion == "balanced gain" else damping

    def flow(_, s, g):
        return [s[2], s[3], -damping * s[2] - w**2 * s[0] - g**2 * s[1], -other * s[3] - w**2 * s[1] - g**2 * s[0]]

    ends = [
        np.abs(solve_ivp(flow, (0, 600), [1.0, 0.3, 0.0, 0.0], args=(c * law,), rtol=1e-8).y[:, -1]).max()
        for c in (0.95, 1.05)
    ]
    assert (ends[0] > 100 > ends[1]) if criterion == "balanced gain" else (ends[0] < 100 < ends[1])


def test_the_coupling_of_weak_damping_is_the_geometric_mean():
    for criterion in ("split modes", "balanced gain"):
        assert critical_coupling(1e-4, 1.0, criterion) == pytest.approx(math.sqrt(1e-4), rel=1e-6)


def test_split_modes_are_those_of_single_pairs():
    """Each coupling by itself in floats: swings of sum and difference counted, width from what is left of the length.

    A line of second order through the splittings meets the mean width.
    """
    a, b, n, count = 0.2, 0.9, 300, 5
    drawn = stream(7, "split modes").standard_normal((2, 2, 1))[:, :, 0].tolist()
    couplings = [(1 - b) * math.sqrt(a) * (0.7 + 0.7 * i / (count - 1)) for i in range(count)]
    apart, widths = [], []
    for k in couplings:
        (x, y), (v, w) = drawn
        first = x * x + y * y + v * v + w * w
        changes, before = [0, 0], None
        for _ in range(n):
            v, w = b * v - a * x - k * y, b * w - a * y - k * x
            x, y = x + v, y + w
            if before is not None:
                changes[0] += (x + y) * before[0] < 0
                changes[1] += (x - y) * before[1] < 0
            before = x + y, x - y
        apart.append(math.pi * (changes[0] - changes[1]) / n)
        widths.append(-math.log((x * x + y * y + v * v + w * w) / first) / n)
    width = sum(widths) / count
    powers = [[sum(k ** (i + j) for k in couplings) for j in range(3)] for i in range(3)]
    c = twins.solved(powers, [sum(s * k**i for k, s in zip(couplings, apart, strict=True)) for i in range(3)])
    low, high = couplings[0], couplings[-1]
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if c[0] + c[1] * middle + c[2] * middle**2 < width else (low, middle)
    found = split_modes_found(a, b, seed=7, updates=n, couplings=count)
    assert found.value == pytest.approx(math.sqrt(low), rel=1e-6)
    error = (2 * math.pi + 20 * width) / n / (c[1] + 2 * c[2] * low)
    assert found.tolerance() == pytest.approx(error / 2 / math.sqrt(low), rel=1e-5)


@pytest.mark.parametrize("criterion", ["balanced gain", "instability"])
def test_a_threshold_parts_growing_flows_of_floats(criterion):
    """Runge and Kutta's rule from each unit vector, half a per cent on either side of what is found."""
    damping, w = 0.5, 2.0
    other, found = (-damping if criterion == "balanced gain" else damping), threshold_found(damping, w, criterion).value

    def reach(g):
        top, h = 0.0, 0.02
        change = lambda s: (  # noqa: E731
            s[2], s[3], -damping * s[2] - w * w * s[0] - g * g * s[1], -other * s[3] - w * w * s[1] - g * g * s[0]
        )  # fmt: skip
        for k in range(4):
            s = [float(i == k) for i in range(4)]
            for _ in range(round(400 / damping / h)):
                k1 = change(s)
                k2 = change([x + h / 2 * d for x, d in zip(s, k1, strict=True)])
                k3 = change([x + h / 2 * d for x, d in zip(s, k2, strict=True)])
                k4 = change([x + h * d for x, d in zip(s, k3, strict=True)])
                s = [x + h / 6 * (p + 2 * q + 2 * r + t) for x, p, q, r, t in zip(s, k1, k2, k3, k4, strict=True)]
                if max(map(abs, s)) > 1e6:
                    return math.inf
            top = max(top, *map(abs, s))
        return top

    below, above = (reach(c * found) > 200 for c in (0.995, 1.005))
    assert (below, above) == ((True, False) if criterion == "balanced gain" else (False, True))
