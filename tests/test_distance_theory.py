"""Critical points, basins, gradient laws, momentum, regions and fates: closed forms against second methods."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize
from scipy.ndimage import label
from sklearn.metrics import roc_auc_score

from trainphys.chapters.distance.c4_theory import deep_distance as deep
from trainphys.chapters.distance.c4_theory.deep_distance import digits_inputs, train_deep
from trainphys.chapters.distance.c4_theory.heavy_ball import heavy_ball_errors, heavy_ball_factor, train_heavy_ball
from trainphys.chapters.distance.c4_theory.relu_gradients import gradient_products, unit_slopes
from trainphys.chapters.distance.c4_theory.stationary_points import critical_points, least_slope
from trainphys.chapters.distance.c6_negative_results.blind_search import noticed_share
from trainphys.chapters.distance.c6_negative_results.fate import fate_scores, ordered_pairs
from trainphys.chapters.distance.shared.regions import (
    exact_epochs,
    matched,
    region_times,
    solved_runs,
    sphere_runs,
    start_regions,
)
from trainphys.laws.steps_from_gradient import (
    end_loss,
    epochs_from_gradient,
    epochs_from_gradient_vector,
    epochs_from_loss,
    fewest_epochs,
    gradient_norm_from_loss,
    step_length,
)
from trainphys.xor.basins import reaches_solution, trapped_share_by_signs
from trainphys.xor.configurations import RECONSTRUCTED, Configuration
from trainphys.xor.guarantee import solved_share_uniform
from trainphys.xor.landscape import gradient, loss, solvable
from trainphys.xor.starts import draw_starts
from trainphys.xor.trajectories import train

parameters = st.lists(st.floats(-2, 2, allow_subnormal=False), min_size=3, max_size=3)


@pytest.mark.parametrize("scales", [(1.0, 1.0), (0.5, 2.0)])
def test_every_critical_point_has_no_slope_and_stated_height(scales):
    heights = {"solution": 0.0, "trap": 0.25, "pass": 1 / 3, "summit": 0.5}
    points = critical_points(scales)
    assert len({p.parameters for p in points}) == 9
    for point in points:
        assert least_slope(point.parameters, scales) < 1e-6
        assert point.loss == pytest.approx(heights[point.kind], abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(parameters)
def test_off_the_ridge_the_least_slope_is_the_gradient(theta):
    if abs(abs(theta[0] - theta[1]) - abs(theta[2])) > 1e-6:
        assert least_slope(theta) == pytest.approx(np.linalg.norm(gradient(theta)), abs=1e-6)


def test_no_other_point_is_critical():
    """Descending the least slope from many places on a ridge ends at one of the nine points, or leaves the ridge."""
    known = np.array([p.parameters for p in critical_points()])
    for t in np.linspace(-1, 1, 41):  # the ridge p = b with w1 + w2 = 0, where the bowl is lowest
        point = np.array([t / 2, -t / 2, t])
        near = np.linalg.norm(known - point, axis=1).min() < 1e-3
        assert near or least_slope(point) > 1e-3


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


@pytest.mark.parametrize("r", [0.1, 0.5, 1.0])
def test_trapped_share_by_signs(r):
    starts = np.random.default_rng(1).uniform(-1, 1, (200_000, 3)) * np.array([1, 1, r])
    same = starts[:, 0] * starts[:, 1] > 0
    trapped = ~solvable(starts.T)
    for flag in (True, False):
        law = trapped_share_by_signs(1.0, r, flag).item()
        found = trapped[same == flag].mean()
        assert abs(found - law) < 5 * np.sqrt(law / 100_000)
    both = trapped_share_by_signs(1.0, r, [True, False]).mean()
    assert both == pytest.approx(1 - solved_share_uniform(1.0, r).item())


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_basins_are_those_of_runs_with_small_steps(scale):
    starts = np.random.default_rng(2).normal(size=(1500, 3)) * np.array([2 / scale, 2 / scale, 2])
    rate = 0.004 / max(1.0, scale**2)
    done = train(starts, rate=rate, tolerance=1e-2, max_epochs=4000, scales=(scale, scale))
    assert (reaches_solution(starts.T, scale) != done.converged).mean() < 0.003  # steps are not infinitely small
    cones = (solvable(starts.T, (scale, scale)) != done.converged).mean()
    assert cones > 0.05 if scale != 1.0 else cones < 0.003


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


def test_epochs_from_the_gradient_on_uneven_inputs():
    error, epochs = sphere_runs(0.3, rate=0.1, tolerance=1e-6, scales=(1.0, 0.5), runs=500, seed=0)
    slope = gradient(error + np.array([0.5, -1.0, 0.0])[:, None], (1.0, 0.5))
    assert (epochs_from_gradient_vector(slope, rate=0.1, tolerance=1e-6, scales=(1.0, 0.5)) == epochs).all()


def test_no_path_is_shorter_than_the_bound():
    rng = np.random.default_rng(4)
    for _ in range(50):
        steps, drops = rng.normal(size=(7, 3)), rng.uniform(0.1, 1.0, 7)
        kappa = (drops / (steps**2).sum(axis=1)).min()
        assert fewest_epochs(np.linalg.norm(steps.sum(axis=0)), drops.sum(), kappa) <= 7 + 1e-9
    assert fewest_epochs(7.0, 3.5, 0.5).item() == pytest.approx(7.0)  # seven equal unit steps on a line: equality


@pytest.mark.parametrize("momentum", [0.0, 0.3, 0.8])
def test_momentum_multiplies_every_error_alike(momentum):
    starts = np.array([[0.9, -0.4, 0.2], [0.6, -0.5, -0.1]])
    states, losses = train_heavy_ball(starts, rate=0.1, momentum=momentum, epochs=60)
    goal = np.array([0.5, -0.5, 0.0])[:, None]
    r = heavy_ball_errors(0.1, momentum, 60)
    assert states - goal == pytest.approx(r[:, None, None] * (starts.T - goal), abs=1e-12)
    assert losses == pytest.approx(loss(states.transpose(1, 0, 2)))
    matrix = np.array([[1 + momentum - 0.2, -momentum], [1, 0]])
    assert heavy_ball_factor(0.1, momentum) == pytest.approx(np.abs(np.linalg.eigvals(matrix)).max())


@pytest.mark.parametrize("configuration", [*RECONSTRUCTED[:2], Configuration("plain", "pytorch", 0.1, 1e-7)])
def test_exact_epochs_of_configurations(configuration):
    start, done, solved = solved_runs(configuration, 2000, 0)
    assert (exact_epochs(configuration, start[:, solved]) == done.epochs[solved]).all()


def test_regions_cover_the_solved_cone_and_match_by_distance():
    start = draw_starts("pytorch", 2000, 0).T
    masks = start_regions(start)
    signs = masks["weights of one sign"] | masks["weights of opposite signs"]
    assert (signs == solvable(start)).all()
    assert (masks["trapped cone"] == ~solvable(start)).all()
    table = region_times(Configuration("plain", "pytorch", 0.1, 1e-7), 4000, 0)
    assert table["trapped cone"].lost.value == 1.0
    found = table["weights of one sign"]
    assert found.epochs.value == pytest.approx(found.by_distance, abs=0.05)
    assert matched(np.array([2.0]), np.array([1.0, 3.0]), [4, 8]).item() == 6.0


def test_ordered_pairs_are_the_area_under_the_curve():
    rng = np.random.default_rng(5)
    label = rng.random(40_000) < 0.5
    score = rng.normal(size=40_000) + label
    found = ordered_pairs(score, label, seed=0)
    assert abs(found.value - roc_auc_score(label, score)) < 5 * np.sqrt(0.25 / found.n)
    assert ordered_pairs(np.zeros(20_000), np.arange(20_000) % 2 == 0, seed=1).value == pytest.approx(0.5, abs=0.03)


def test_loss_and_gradient_name_all_trapped_starts():
    starts = draw_starts("normal", 3000, 6)
    trapped = ~train(starts, rate=0.1, tolerance=1e-4, max_epochs=100).converged
    assert ((fate_scores(starts.T)["loss and gradient"] > 0.1) == trapped).all()


def test_the_search_is_blind_to_traps_but_not_to_slowness():
    stopped = Configuration("change", "pytorch", 0.1, 1e-7, stop="change")
    assert noticed_share(stopped, 20, 0).value == 0.0
    assert noticed_share(stopped, 20, 0, delay=1e-9).value > 0.0  # rounding to whole epochs is noticed


@pytest.mark.parametrize("level", [0, 1, 2])
def test_gradient_of_a_weight_is_signal_times_input(level):
    found = gradient_products(level, networks=5, seed=0)
    assert found.single == pytest.approx(1.0, abs=1e-6)
    assert found.mean_share == pytest.approx(1.0, abs=1e-9)
    assert (found.batch_share < 1).all()


def test_slopes_of_units_are_those_of_differences():
    weights = np.random.default_rng(7).normal(size=(3, 50))
    s = np.array([[a, b, 1.0] for a in (-1, 1) for b in (-1, 1)]) @ weights
    h = 1e-6
    for unit, f in {
        "|s|": np.abs,
        "tanh": np.tanh,
        "ReLU": lambda x: np.maximum(x, 0),
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    }.items():
        assert unit_slopes(unit, weights) == pytest.approx(np.abs(f(s + h) - f(s - h)) / (2 * h), abs=1e-6)
    assert unit_slopes("|s|", np.zeros((3, 1))).max() == 0.0


def test_deep_gradients_descend_and_rows_fit():
    runs = train_deep(runs=4, seed=0, rate=0.03, target=0.5, width=16, max_epochs=1200)
    for r in np.unique(runs.run):
        one = runs.run == r
        assert (np.diff(runs.remaining[one]) == -1).all()
        assert runs.remaining[one][-1] == 1
        firm = runs.efficiency[one] > 0
        bound = fewest_epochs(runs.distance[one][firm], runs.drop[one][firm], runs.efficiency[one][firm])
        assert (bound <= runs.remaining[one][firm] * (1 + 1e-9)).all()


def test_deep_gradient_is_a_difference_of_the_loss():
    x, y = digits_inputs(30, "standardised")
    rng = np.random.default_rng(8)
    layers = [rng.normal(size=(1, *shape)) for shape in ((12, 5), (5, 5), (5, 10))]

    def height(flat):
        parts = np.split(flat, np.cumsum([60, 25]))
        ws = [p.reshape(w.shape) for p, w in zip(parts, layers, strict=True)]
        return (deep._forward(ws, x, y)[1] ** 2).sum() / len(x)

    flat = np.concatenate([w.ravel() for w in layers])
    values, error = deep._forward(layers, x, y)
    found = np.concatenate([g.ravel() for g in deep._gradients(layers, values, 2 * error / len(x), False)])
    slow = optimize.approx_fprime(flat, height, 1e-6)
    assert found == pytest.approx(slow, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize(
    "call",
    [
        lambda: critical_points((0.0, 1.0)),
        lambda: least_slope([1.0, 2.0]),
        lambda: trapped_share_by_signs(1.0, 2.0, True),
        lambda: reaches_solution([1.0, 2.0], 1.0),
        lambda: gradient_norm_from_loss(0.1, 0.25),
        lambda: end_loss(0.1, [1.0]),
        lambda: epochs_from_loss(0.0, rate=0.1, tolerance=1e-3),
        lambda: epochs_from_gradient_vector([1.0], rate=0.1, tolerance=1e-3),
        lambda: step_length(-1.0, 0.1),
        lambda: fewest_epochs(1.0, 0.0, 1.0),
        lambda: heavy_ball_factor(0.1, 1.0),
        lambda: heavy_ball_errors(0.1, 0.5, 0),
        lambda: train_heavy_ball([[1.0, 2.0]], rate=0.1, momentum=0.5, epochs=1),
        lambda: start_regions([1.0]),
        lambda: matched(np.ones(1), np.ones(1), [1]),
        lambda: sphere_runs(0.9, rate=0.1, tolerance=1e-3, scales=(1.0, 1.0), runs=5, seed=0),
        lambda: exact_epochs(RECONSTRUCTED[2], np.ones((3, 1))),
        lambda: region_times(RECONSTRUCTED[0], 10, 0),
        lambda: ordered_pairs([1.0, 2.0], [True, True], seed=0),
        lambda: noticed_share(RECONSTRUCTED[0], 1, 0),
        lambda: gradient_products(5, networks=2, seed=0),
        lambda: unit_slopes("GELU", np.ones((3, 1))),
        lambda: digits_inputs(5, "whitened"),
        lambda: train_deep(runs=1, seed=0),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(ValueError, match="expected"):
        call()
