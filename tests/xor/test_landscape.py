"""Tests of ``xor.landscape``."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import label

from trainphys.laws.steps_from_gradient import (
    end_loss,
    epochs_from_gradient,
    epochs_from_loss,
    gradient_norm_from_loss,
    step_length,
)
from trainphys.xor.landscape import SIGNS, TARGETS, gradient, loss, solution, solvable
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train

SCALES = [(1.0, 1.0), (0.5, 0.5), (1.0, 0.3)]


parameters = st.lists(st.floats(-3, 3, allow_subnormal=False), min_size=3, max_size=3)


def slow_loss(theta, scales):
    outputs = [abs(theta[0] * s1 * scales[0] + theta[1] * s2 * scales[1] + theta[2]) for s1, s2 in SIGNS]
    return sum((y - t) ** 2 for y, t in zip(outputs, TARGETS, strict=True)) / 4


@given(parameters, st.sampled_from(SCALES))
def test_loss_is_a_bowl_minus_a_ridge(theta, scales):
    (w1, w2, b), (c1, c2) = theta, scales
    closed = c1**2 * w1**2 + c2**2 * w2**2 + b**2 - max(abs(c1 * w1 - c2 * w2), abs(b)) + 0.5
    assert loss(theta, scales) == pytest.approx(closed, abs=1e-12)
    assert loss(theta, scales) == pytest.approx(slow_loss(theta, scales), abs=1e-12)


@pytest.mark.parametrize("scales", SCALES)
def test_gradient_is_the_difference_of_the_loss(scales):
    points = np.random.default_rng(0).normal(size=(3, 200))
    h = 1e-5
    outputs = np.column_stack([SIGNS * scales, np.ones(4)]) @ points
    points = points[:, np.abs(outputs).min(axis=0) > 0.01]  # no kink within reach of the differences
    steps = np.eye(3)[:, :, None] * h
    slope = np.stack([(loss(points + s, scales) - loss(points - s, scales)) / (2 * h) for s in steps])
    np.testing.assert_allclose(gradient(points, scales), slope, atol=1e-9)


@pytest.mark.parametrize("scales", SCALES)
def test_minima_of_loss_zero_and_of_loss_one_quarter(scales):
    for side in (1.0, -1.0):
        best = solution(np.array([side, 0.0, 0.0]), scales)
        assert loss(best, scales) == pytest.approx(0.0, abs=1e-15)
        assert solvable(best, scales)
        trap = np.array([0.0, 0.0, side / 2])
        assert loss(trap, scales) == pytest.approx(0.25)
        np.testing.assert_allclose(gradient(trap, scales), 0.0)
        around = trap[:, None] + 1e-3 * np.random.default_rng(0).normal(size=(3, 500))
        assert (loss(around, scales) > 0.25).all()


def test_single_samples_contract_by_the_mean_over_orders():
    rate = 0.01
    steps = [np.eye(3) - 2 * rate * np.outer(a, a) for a in np.column_stack([SIGNS, np.ones(4)])]
    mean = np.mean([np.linalg.multi_dot([steps[i] for i in order]) for order in permutations(range(4))], axis=0)
    np.testing.assert_allclose(mean, (1 - 8 * rate + 8 * rate**2) * np.eye(3), atol=20 * rate**3)


def test_pass_is_the_lowest_way_from_solution_to_trap():
    """A flood on a grid of (p, b), sharing nothing with the algebra, meets the trap at the height of the pass."""
    p, b = np.meshgrid(np.linspace(-0.5, 1.5, 201), np.linspace(-0.25, 0.75, 101), indexing="ij")
    height = loss(np.stack([p / 2, -p / 2, b]))
    low, high = 0.25, 0.5
    while high - low > 1e-4:
        middle = (low + high) / 2
        pools = label(height <= middle)[0]
        joined = pools[150, 25] == pools[50, 75]  # solution (1, 0) and trap (0, 1/2)
        low, high = (low, middle) if joined else (middle, high)
    assert high == pytest.approx(1 / 3, abs=2e-3)


@settings(max_examples=100)
@given(parameters, st.sampled_from([(1.0, 1.0), (0.5, 0.5), (1.0, 0.3)]))
def test_loss_and_gradient_name_the_end(theta, scales):
    lead = abs(scales[0] * theta[0] - scales[1] * theta[1])
    if abs(lead - abs(theta[2])) > 1e-9:
        expected = 0.0 if lead > abs(theta[2]) else 0.25
        assert end_loss(loss(theta, scales), gradient(theta, scales), scales) == pytest.approx(expected, abs=1e-9)


def test_epochs_from_loss_and_gradient_count_runs():
    starts = draw_starts("pytorch", 3000, 3)
    starts = starts[solvable(starts.T)]
    done = train(starts, rate=0.07, tolerance=1e-5, max_epochs=200)
    slope = gradient(starts.T)
    settings_ = {"rate": 0.07, "tolerance": 1e-5}
    assert (epochs_from_loss(loss(starts.T), **settings_) == done.epochs).all()
    assert (epochs_from_gradient(np.linalg.norm(slope, axis=0), **settings_) == done.epochs).all()
    assert gradient_norm_from_loss(loss(starts.T)) == pytest.approx(np.linalg.norm(slope, axis=0))
    step = np.linalg.norm(done.states[1] - done.states[0], axis=0)
    assert step_length(np.sqrt(loss(starts.T)), 0.07) == pytest.approx(step)


def test_full_batch_equals_pytorch():
    torch = pytest.importorskip("torch")
    starts = draw_starts("pytorch", 5, 1)
    runs = train(starts, rate=0.1, tolerance=1e-7, max_epochs=40)
    x, y = torch.tensor(SIGNS), torch.tensor(TARGETS)[:, None]
    for i in range(5):
        net = torch.nn.Linear(2, 1).double()
        with torch.no_grad():
            net.weight.copy_(torch.tensor(starts[i : i + 1, :2]))
            net.bias.copy_(torch.tensor(starts[i, 2:]))
        optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
        for epoch in range(int(runs.epochs[i])):
            now = np.concatenate([net.weight.detach().numpy().ravel(), net.bias.detach().numpy()])
            np.testing.assert_allclose(runs.states[epoch, :, i], now, atol=1e-13)
            optimiser.zero_grad()
            torch.nn.functional.mse_loss(net(x).abs(), y).backward()
            optimiser.step()


@pytest.mark.parametrize("function", [loss, gradient, solution, solvable])
def test_parameters_and_scales_are_numbers(function):
    with pytest.raises(ValueError, match="finite parameters"):
        function([0.1, np.nan, 0.0])
    with pytest.raises(ValueError, match=r"expected \(w1, w2, b\)"):
        function(np.zeros((2, 5)))
    for scales in ((0, 1), (-1.0, 1.0), (np.nan, 1.0), (1.0, np.inf), (1.0, 1.0, 1.0), 1.0):
        with pytest.raises(ValueError, match="input scales > 0"):
            function([0.3, -0.1, 0.05], scales)
