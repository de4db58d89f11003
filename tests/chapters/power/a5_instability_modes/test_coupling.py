"""Tests of ``chapters.power.a5_instability_modes.coupling``."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from trainphys.chapters.power.a5_instability_modes.coupling import split_modes_found, threshold_found
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
