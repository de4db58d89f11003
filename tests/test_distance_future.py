"""Conclusions: when a line serves, pairs of ReLUs, deeper networks, what choosing starts saves."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from trainphys.chapters.distance.c8_conclusions import layered_digits, slowness
from trainphys.chapters.distance.c8_conclusions.layered_digits import start_losses_and_epochs, train_layered
from trainphys.chapters.distance.c8_conclusions.line_cases import walk_cases
from trainphys.chapters.distance.c8_conclusions.simple_models import exact_law_misses, mean_squares, own_minimum
from trainphys.chapters.distance.c8_conclusions.slowness import (
    as_far,
    ratio_of_means,
    saving_by_start,
    slowness_by_group,
    slowness_by_parameter,
)
from trainphys.chapters.distance.c8_conclusions.straightness import held_out_share, line_share_epochs
from trainphys.chapters.distance.c8_conclusions.two_sided import SAMPLES, free_unit_factor, train_two_sided
from trainphys.laws.contraction import epochs_between, epochs_remaining
from trainphys.laws.straight_line import line_share, slowdown_limit
from trainphys.xor.configurations import RECONSTRUCTED
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train


@pytest.mark.parametrize("slowdown", [1.01, 1.5, 4.27, 60.0, 5e4])
def test_line_share_is_the_squared_correlation_of_time_and_distance(slowdown):
    time = (np.arange(200_000) + 0.5) / 200_000 * np.log(slowdown)
    assert line_share(slowdown) == pytest.approx(np.corrcoef(time, np.exp(time))[0, 1] ** 2, rel=1e-6)


def test_line_share_near_one_and_far_out():
    assert line_share(np.exp(0.0199)) == pytest.approx(float(line_share(np.exp(0.0201))), abs=1e-6)
    assert line_share(np.exp(200.0)) * 200 == pytest.approx(6.0, rel=0.02)


@given(st.floats(0.01, 0.45), st.integers(2, 60))
def test_line_share_of_whole_epochs_is_a_squared_correlation(rate, epochs):
    n = np.arange(1, epochs + 1)
    distance = (1 - 2 * rate) ** -n.astype(float)
    assert line_share_epochs(rate, epochs) == pytest.approx(np.corrcoef(n, distance)[0, 1] ** 2, rel=1e-6)


def test_whole_epochs_approach_the_limit_of_small_steps_at_first_order():
    errors = []
    for epochs in (100, 200, 400):
        rate = (1 - 50.0 ** (-1 / epochs)) / 2
        errors.append(abs(line_share_epochs(rate, epochs) - line_share(50.0)))
    assert np.log2(errors[0] / errors[1]) > 0.9
    assert np.log2(errors[1] / errors[2]) > 0.9


@given(st.floats(0.2, 0.999))
def test_slowdown_limit_turns_line_share_round(share):
    assert line_share(slowdown_limit(share)) == pytest.approx(share, abs=1e-9)


def test_epochs_between_counts_the_law():
    counts = epochs_remaining(np.array([0.4, 0.4 * 0.8**7]), rate=0.1, tolerance=1e-9)
    assert counts[0] - counts[1] == pytest.approx(float(epochs_between(0.8**-7, 0.1)))


def test_held_out_share_judges_on_other_runs():
    rng = np.random.default_rng(0)
    run, x = np.repeat(np.arange(400), 5), rng.standard_normal((2000, 3))
    y = x @ [1.0, 2.0, -1.0] + 0.5 * rng.standard_normal(2000)
    found = held_out_share(run, x, y, seed=0)
    assert abs(found.value - 6 / 6.25) < 5 * found.stderr
    noise = held_out_share(run, rng.standard_normal(2000), y, seed=0)
    assert abs(noise.value) < 5 * noise.stderr + 0.01


def test_tied_units_are_the_model_itself():
    starts = draw_starts("pytorch", 300, 0)
    two = train_two_sided(starts[:, None], rate=0.1, tolerance=1e-7, max_epochs=60, tied=True)
    one = train(starts, rate=0.1, tolerance=1e-7, max_epochs=60)
    assert (two.epochs == one.epochs).all()
    assert (two.converged == one.converged).all()
    np.testing.assert_allclose(two.states[10, :, 0], one.states[10].T, atol=1e-12)


def test_free_units_take_the_step_that_torch_takes():
    starts = np.stack([draw_starts("pytorch", 5, i) for i in (0, 1)], axis=1)
    theta = torch.tensor(starts, requires_grad=True)
    outputs = torch.relu(theta @ torch.tensor(SAMPLES.T)).sum(dim=1)
    ((outputs - torch.tensor([0.0, 1.0, 1.0, 0.0])) ** 2).mean(dim=1).sum().backward()
    runs = train_two_sided(starts, rate=0.1, tolerance=1e-9, max_epochs=1)
    np.testing.assert_allclose(runs.states[1], starts - 0.1 * theta.grad.numpy(), atol=1e-12)


@pytest.mark.parametrize("active", [1, 2, 3])
def test_free_factor_is_the_slowest_eigenvalue(active):
    rows = np.array([[1.0, -1.0, 1.0], [-1.0, -1.0, 1.0], [1.0, 1.0, 1.0]])[:active]
    slowest = np.linalg.eigvalsh(np.eye(active) - 0.05 * rows @ rows.T).max()
    assert free_unit_factor(active, 0.1) == pytest.approx(slowest)


def test_free_units_end_at_one_of_the_three_factors():
    starts = np.stack([draw_starts("pytorch", 400, i) for i in (0, 1)], axis=1)
    two = train_two_sided(starts, rate=0.1, tolerance=1e-10, max_epochs=400)
    off = np.abs(two.last_factor()[:, None] - free_unit_factor([1, 2, 3], 0.1)).min(axis=1)
    assert np.median(off) < 1e-6
    assert (off < 0.01).mean() > 0.9


@pytest.mark.parametrize("activation", ["tanh", "relu", "two-sided"])
def test_network_steps_agree_with_automatic_differentiation(activation):
    nets = layered_digits._Networks((64, 5, 4, 10), activation, 1.0, 30, 2, np.random.default_rng(0))
    weights = [w.clone().requires_grad_() for w in nets.weights]
    biases = [b.clone().requires_grad_() for b in nets.biases]
    bend = {"tanh": torch.tanh, "relu": torch.relu, "two-sided": lambda z: torch.relu(z) + torch.relu(-z)}[activation]
    value = nets.inputs.expand(2, -1, -1)
    for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
        value = value @ w + b
        value = bend(value) if layer < 2 else value
    losses = -(torch.log_softmax(value, dim=2) * nets.targets).sum(dim=2).mean(dim=1)
    losses.sum().backward()
    np.testing.assert_allclose(nets.losses_then_step(0.3), losses.detach().numpy(), rtol=1e-5)
    for mine, other in zip([*nets.weights, *nets.biases], [*weights, *biases], strict=True):
        np.testing.assert_allclose(mine, (other - 0.3 * other.grad).detach(), atol=1e-5)


def test_rows_of_networks_end_at_their_target():
    ended = train_layered(activation="tanh", targets=(1.0, 0.5), runs=4, seed=0, width=8, samples=60)
    early, late = ended[1.0], ended[0.5]
    assert (np.diff(late.first()) > np.diff(early.first())).all()
    assert (early.loss >= 1.0).all()
    assert (late.remaining[late.first()] > early.remaining[early.first()]).all()
    assert late.layers.shape[1] == 3
    last = late.remaining == 1
    np.testing.assert_allclose(late.distance[last] ** 2, (late.layers[last] ** 2).sum(axis=1))
    assert (late.distance[late.first()] > late.distance[last]).all()


def test_networks_do_not_depend_on_their_number():
    small, large = (
        train_layered(activation="relu", targets=(1.0,), runs=n, seed=3, width=6, samples=40)[1.0]
        for n in (layered_digits.CHUNK, layered_digits.CHUNK + 2)
    )
    np.testing.assert_array_equal(small.remaining, large.remaining[large.run < layered_digits.CHUNK])


def test_start_losses_and_epochs_of_small_networks():
    height, epochs = start_losses_and_epochs(activation="tanh", target=1.0, runs=6, seed=0, width=6, samples=40)
    assert height.shape == epochs.shape == (6,)
    assert (height > 1.0).all()
    assert (epochs > 0).all()


def test_ordinary_starts_are_as_slow_as_their_distance():
    for measured, expected in slowness_by_group("pytorch", rate=0.1, runs=4000, seed=1).values():
        assert abs(measured.value - expected) < 0.1
    one, other, _ = slowness_by_parameter((1.0, 0.5), rate=0.1, runs=200, seed=0)
    assert other.value > 3 * one.value


def test_savings_are_those_of_the_law():
    saved = saving_by_start("uniform, zero bias", rate=0.1, runs=5000, seed=0)
    assert (saved["trapped"] == 0).all()
    np.testing.assert_allclose(saved["share"], 1.0)
    gain = saved["all"] - saved["nearest"]
    assert gain.mean() == pytest.approx(5.7, abs=5 * gain.std() / np.sqrt(len(gain)) + 0.1)


def test_ratio_of_means_covers_the_truth():
    rng = np.random.default_rng(0)
    found = [ratio_of_means(rng.normal(2, 1, 400), rng.normal(4, 1, 400)) for _ in range(300)]
    misses = np.array([(f.value - 0.5) / f.stderr for f in found])
    assert misses.std() == pytest.approx(1.0, abs=0.15)


def test_models_of_one_report():
    table = mean_squares(RECONSTRUCTED[1], reports=2, seed=0)
    assert (table["boosted trees"] < table["linear"]).all()
    assert (table["linear"] < table["line"]).all()
    assert (table["logarithm"] < 0.2).all()
    assert exact_law_misses(RECONSTRUCTED[1], runs=200, seed=0).value == 0.0


def test_own_minimum_is_where_a_run_ends():
    starts = draw_starts("normal", 200, 0)
    done = train(starts, rate=0.1, tolerance=1e-12, max_epochs=120)
    np.testing.assert_allclose(own_minimum(starts.T), done.last, atol=1e-4)


def test_walks_follow_the_closed_form():
    for _, case in walk_cases(seed=5)[0]:
        if "corrected" in case:
            assert case["measured"].value == pytest.approx(case["corrected"], rel=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: epochs_between(0.5, 0.1), "ratios >= 1"),
        (lambda: line_share(1.0), "slow-downs > 1"),
        (lambda: line_share_epochs(0.5, 3), "rate in .0, 0.5."),
        (lambda: slowdown_limit(1.0), "share in"),
        (lambda: held_out_share(np.arange(2), np.ones(2), np.ones(2), seed=0), "two runs"),
        (lambda: free_unit_factor(4, 0.1), "1 to 3 active"),
        (lambda: train_two_sided(np.zeros((2, 3)), rate=0.1, tolerance=1.0, max_epochs=1), "expected starts"),
        (lambda: train_layered(activation="cube", targets=(0.5,), runs=2, seed=0), "expected an activation"),
        (lambda: train_layered(activation="tanh", targets=(3.0,), runs=2, seed=0), "ln 10"),
        (lambda: as_far([1.0], [1.0], [1.0]), "reference runs"),
        (lambda: saving_by_start("pytorch", rate=0.1, runs=slowness.BLOCKS, seed=0), "starts or more"),
        (lambda: mean_squares(RECONSTRUCTED[0], reports=1, seed=0), "2 pairs"),
    ],
)
def test_bad_input_names_its_cure(call, message):
    with pytest.raises(ValueError, match=message):
        call()
