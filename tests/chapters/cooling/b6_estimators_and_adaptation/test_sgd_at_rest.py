"""Tests of ``chapters.cooling.b6_estimators_and_adaptation.sgd_at_rest``."""

import math

import numpy as np
import pytest

from trainphys.chapters.cooling.b6_estimators_and_adaptation.sgd_at_rest import stationary_sgd
from trainphys.ensemble import stream
from trainphys.laws.temperature import stationary_temperature
from trainphys.simulate.minibatch_sgd import tilted_quadratic


@pytest.mark.parametrize("momentum", [0.0, 0.8])
def test_sgd_at_rest_has_the_temperature_of_the_law(momentum):
    model = tilted_quadratic([0.2, 0.5, 1.0], [[2.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 3.0]])
    rate = 0.4 * (1 - momentum)
    run = stationary_sgd(
        model, np.zeros((300, 3)), stream(0, "at rest"), learning_rate=rate, batch_size=4, momentum=momentum,
        burn=100, updates=400, every=10, basis=np.eye(3), reference=np.zeros(3),
    )  # fmt: skip
    law = stationary_temperature(rate, 4, [2.0, 1.0, 3.0], momentum=momentum, curvature=[0.2, 0.5, 1.0])
    for mode in range(3):
        for by in ("positions", "steps"):
            found = run.temperature(slice(mode, mode + 1), by)
            assert abs(found.value - law[mode]) < found.tolerance()
    np.testing.assert_allclose(run.noise.mean(axis=0), [2.0, 1.0, 3.0], rtol=0.03)  # about 5 standard errors


@pytest.mark.parametrize("momentum", [0.0, 0.6])
def test_averages_at_rest_are_those_of_single_runs(momentum):
    """Even samples of a batch against odd ones, steps after the burn-in, places after every third of them."""
    model, turn = tilted_quadratic([0.6, 1.7], [[2.0, 0.5], [0.5, 1.0]], samples=9), math.sqrt(0.5)
    H, tilts = model.curvature.tolist(), model.tilts.tolist()
    basis, reference, start = [[turn, -turn], [turn, turn]], [0.1, -0.2], [[0.5, 0.0], [0.0, -0.4], [1.0, 1.0]]
    run = stationary_sgd(
        model, np.array(start), np.random.default_rng(2), learning_rate=0.3, batch_size=12, momentum=momentum,
        burn=4, updates=6, every=3, basis=np.array(basis), reference=np.array(reference),
    )  # fmt: skip
    rng = np.random.default_rng(2)
    batches = [rng.integers(9, size=(3, 12)).tolist() for _ in range(10)]
    along = lambda v, j: sum(v[i] * basis[i][j] for i in (0, 1))  # noqa: E731
    pull = lambda x, i: sum(H[i][k] * x[k] for k in (0, 1))  # noqa: E731
    for r in range(3):
        x, v, steps, noise, norm, places, states = list(start[r]), [0.0, 0.0], [0, 0], [0, 0], 0.0, [[], []], []
        for n in range(10):
            halves = [batches[n][r][k::2] for k in (0, 1)]
            one, other = ([pull(x, i) + sum(tilts[m][i] for m in half) / 6 for i in (0, 1)] for half in halves)
            whole = [(a + b) / 2 for a, b in zip(one, other, strict=True)]
            v = [momentum * a - 0.3 * g for a, g in zip(v, whole, strict=True)]
            x = [a + b for a, b in zip(x, v, strict=True)]
            if n < 4:
                continue
            norm += math.hypot(*whole) / 6
            for j in (0, 1):
                steps[j] += (1 + momentum) / (2 * 0.3) * along(v, j) ** 2 / 6
                noise[j] += 12 / 4 * (along(one, j) - along(other, j)) ** 2 / 6
            if n in (4, 7):
                states.append(list(x))
                slope = [pull(x, i) for i in (0, 1)]  # the tilts have mean zero
                for j in (0, 1):
                    places[j].append((along(x, j) - along(reference, j)) * along(slope, j))
        assert run.steps[r] == pytest.approx(steps)
        assert run.noise[r] == pytest.approx(noise)
        assert run.gradient_norm[r] == pytest.approx(norm)
        assert run.positions[r] == pytest.approx([sum(p) / 2 for p in places])
        np.testing.assert_allclose(run.states[:, r], states)
