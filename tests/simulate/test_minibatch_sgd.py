"""Tests of ``simulate.minibatch_sgd``."""

import numpy as np
import pytest

from tests.simulate import twins
from trainphys.laws.temperature import mode_product, stationary_temperature
from trainphys.simulate.minibatch_sgd import TiltedQuadratic, descend, noise_level, stationary_modes, tilted_quadratic
from trainphys.workloads.softmax_regression import softmax_digits


def test_inverse_covariance_as_preconditioner_makes_temperatures_equal():
    h, c = np.array([0.5, 1.0, 2.0]), np.diag([4.0, 0.5, 1.0])
    run = stationary_modes(
        tilted_quadratic(h, c),
        0.01,
        4,
        6000,
        200,
        np.random.default_rng(2),
        burn_in=2000,
        preconditioner=np.linalg.inv(c),
    )
    np.testing.assert_allclose(run.noise, np.eye(3), atol=1e-9)
    for mode in range(3):
        found = run.temperature([mode])
        assert (
            abs(found.value - stationary_temperature(0.01, 4, 1.0, curvature=run.curvature[mode])) < found.tolerance()
        )


def test_measured_noise_is_that_of_the_data():
    model = tilted_quadratic([1.0, 2.0], [[3.0, 1.0], [1.0, 2.0]])
    level = noise_level(model, [0.0, 0.0], 4, 40_000, np.random.default_rng(0))
    assert abs(level.value - 5.0) < level.tolerance()


def test_descend_without_noise_is_gradient_descent():
    model = tilted_quadratic([1.0, 2.0], 1e-12 * np.eye(2))
    last = descend(model, [0.1, 0.2], [3, 1], [[1.0, 1.0]], np.random.default_rng(0))
    np.testing.assert_allclose(last, [[0.9 * 0.8, 0.8 * 0.6]], atol=1e-5)


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match="pool"):
        softmax_digits(pool=3)
    with pytest.raises(ValueError, match="label_noise in"):
        softmax_digits(label_noise=2.0)
    with pytest.raises(ValueError, match="ridge"):
        softmax_digits(ridge=0.0)
    with pytest.raises(ValueError, match="parameters"):
        softmax_digits().loss([1.0])
    with pytest.raises(ValueError, match="diverges"):
        stationary_temperature(1.0, 1, 1.0, curvature=2.0)
    with pytest.raises(ValueError, match="diverges"):
        mode_product(1.0, 1, 1.0, 2.5, 0.1)
    with pytest.raises(ValueError, match="batch_size"):
        mode_product(0.1, 0, 1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="samples"):
        tilted_quadratic([1.0, 1.0], np.eye(2), samples=2)
    with pytest.raises(ValueError, match="multiple"):
        stationary_modes(tilted_quadratic([1.0], [[1.0]]), 0.1, 1, 15, 2, np.random.default_rng(0), burn_in=0, every=10)
    still = tilted_quadratic([1.0], [[1.0]])
    for rate, burn_in, words in (
        (0.1, -5, "burn_in >= 0"),
        (0.0, 0, "learning_rate > 0"),
        (-0.1, 0, "learning_rate > 0"),
    ):
        with pytest.raises(ValueError, match=words):
            stationary_modes(still, rate, 1, 10, 2, np.random.default_rng(0), burn_in=burn_in, every=10)
    for covariance in ([[1.0, 2.0], [2.0, 1.0]], [[1.0, 0.5], [0.2, 1.0]]):
        with pytest.raises(ValueError, match="covariance, symmetric and never negative"):
            tilted_quadratic([1.0, 1.0], covariance)
    for size in (0, 1.9):
        with pytest.raises(ValueError, match="whole number batch_size >= 1"):
            descend(still, [0.1], [size], [[0.0]], np.random.default_rng(0))
    with pytest.raises(ValueError, match="longer"):
        descend(tilted_quadratic([1.0], [[1.0]]), [0.1], [1, 2], [[0.0]], np.random.default_rng(0))


def plain_model() -> TiltedQuadratic:
    """Seven samples with tilts of mean zero on a diagonal curvature."""
    tilts = np.random.default_rng(4).normal(size=(7, 2))
    return TiltedQuadratic(np.diag([0.6, 1.7]), tilts - tilts.mean(axis=0))


def drawn(rng, updates, replicas, size, samples=7):
    """Samples of every update, replica by replica: whole numbers below the number of samples, each from all of them."""
    return [rng.integers(samples, size=(replicas, size)).tolist() for _ in range(updates)]


@pytest.mark.parametrize(("batch_size", "burn_in", "every"), [(3, 0, 1), (9, 4, 3)])
def test_resting_modes_are_averages_along_single_runs(batch_size, burn_in, every):
    """Batches larger than the data show that samples come back; a preconditioner weighs the modes."""
    model, P = plain_model(), [0.5, 0.4]
    run = stationary_modes(
        model, 0.3, batch_size, 12, 5, np.random.default_rng(3), burn_in=burn_in, every=every, preconditioner=np.diag(P)
    )
    batches = drawn(np.random.default_rng(3), burn_in + 12, 5, batch_size)
    H, tilts = model.curvature.tolist(), model.tilts.tolist()
    for r in range(5):
        rates = [[0.3 * p for p in P]] * len(batches)
        path = twins.descent([0.0, 0.0], H, tilts, rates, [b[r] for b in batches])
        q = [[x / p**0.5 for x, p in zip(place, P, strict=True)] for place in path]
        pairs = [(q[k], q[k + 1]) for k in range(burn_in, burn_in + 12, every)]
        mean = lambda f, pairs=pairs: sum(f(*p) for p in pairs) / len(pairs)  # noqa: E731
        squares = [mean(lambda a, b, i=i: a[i] ** 2) for i in (0, 1)]
        assert np.diag(run.products[r]) == pytest.approx(squares, rel=1e-9)  # 0.5 x 0.6 < 0.4 x 1.7: same order
        assert abs(run.products[r, 0, 1]) == pytest.approx(abs(mean(lambda a, b: a[0] * a[1])), rel=1e-9)
        turn = mean(lambda a, b: a[0] * (b[1] - a[1]) - a[1] * (b[0] - a[0]))
        assert run.turns[r, 0, 1] == -run.turns[r, 1, 0]
        assert abs(run.turns[r, 0, 1]) == pytest.approx(abs(turn), rel=1e-9)
    assert run.curvature == pytest.approx([0.5 * 0.6, 0.4 * 1.7])
    h, squares = run.curvature.tolist(), [[float(run.products[r, i, i]) for i in (0, 1)] for r in range(5)]
    energy = [sum(h[i] * s[i] for s in squares) / 5 for i in (0, 1)]
    assert run.temperature([0, 1]).value == pytest.approx(sum(energy) / 2)
    assert run.temperature([1]).value == pytest.approx(energy[1])
    assert run.relative_temperature([1]).value == pytest.approx(energy[1] / (sum(energy) / 2))
    pattern = [[0.0, 2.0], [-2.0, 0.0]]
    along = sum(float(run.turns[r, 0, 1]) / 2 for r in range(5)) / 5
    assert run.turning_along(pattern).value == pytest.approx(along)


def test_descent_counts_updates_and_draws_as_a_loop():
    model, start = plain_model(), [[1.0, -0.5], [0.2, 0.3], [0.0, 2.0]]
    found = descend(model, [0.3, 0.1, 0.2], [2, 9, 1], start, np.random.default_rng(5))
    rng = np.random.default_rng(5)
    batches = [rng.integers(7, size=(3, size)).tolist() for size in (2, 9, 1)]
    rates = [[eta, eta] for eta in (0.3, 0.1, 0.2)]
    for r in range(3):
        path = twins.descent(start[r], model.curvature.tolist(), model.tilts.tolist(), rates, [b[r] for b in batches])
        np.testing.assert_allclose(found[r], path[3], rtol=1e-12)


def test_noise_level_is_that_of_pairs_of_drawn_batches():
    model, rng = plain_model(), np.random.default_rng(6)
    level = noise_level(model, [0.4, -0.1], 3, 50, np.random.default_rng(6))
    one, other = (rng.integers(7, size=(50, 3)).tolist() for _ in range(2))
    slope = lambda chosen: twins.batch_slope([0.4, -0.1], model.curvature.tolist(), model.tilts.tolist(), chosen)  # noqa: E731
    apart = [
        sum((a - b) ** 2 for a, b in zip(slope(x), slope(y), strict=True)) for x, y in zip(one, other, strict=True)
    ]
    assert level.value == pytest.approx(3 * sum(apart) / 2 / 50, rel=1e-12)


def test_tilts_have_the_covariance_sample_by_sample():
    model = tilted_quadratic([1.0, 2.0], [[3.0, 1.0], [1.0, 2.0]], samples=40, seed=2)
    t = model.tilts.tolist()
    for i in (0, 1):
        assert sum(row[i] for row in t) == pytest.approx(0, abs=1e-9)
        for j in (0, 1):
            assert sum(row[i] * row[j] for row in t) / 40 == pytest.approx([[3.0, 1.0], [1.0, 2.0]][i][j])
    skew = sum(row[0] ** 3 for row in t) / 40 / 3**1.5
    assert skew > 0.5  # centred exponentials have 2, a Gaussian none


def test_a_tilted_quadratic_is_that_of_its_samples():
    """Gradient, covariance and Hessian, from differences and sums over single samples with the loss written out."""
    H, tilts = [[1.0, 0.3], [0.3, 0.5]], np.random.default_rng(4).normal(size=(7, 2))
    model = TiltedQuadratic(np.array(H), tilts - tilts.mean(axis=0))
    t, at = model.tilts.tolist(), [0.4, -0.7]
    loss = lambda n, x: sum(x[i] * (sum(H[i][k] * x[k] for k in (0, 1)) / 2 + t[n][i]) for i in (0, 1))  # noqa: E731

    def slope(n, i):  # by a difference, which is exact for a parabola
        ahead, behind = ([v + sign * (k == i) for k, v in enumerate(at)] for sign in (1, -1))
        return (loss(n, ahead) - loss(n, behind)) / 2

    slopes = [[slope(n, i) for i in (0, 1)] for n in range(7)]
    found = model.batch_gradients(np.array([at, at]), np.array([[2, 2, 5], [0, 6, 1]]))
    for chosen, g in zip(([2, 2, 5], [0, 6, 1]), found.tolist(), strict=True):
        assert g == pytest.approx([sum(slopes[n][i] for n in chosen) / 3 for i in (0, 1)])
    mean = [sum(s[i] for s in slopes) / 7 for i in (0, 1)]
    covariance = [[sum((s[i] - mean[i]) * (s[j] - mean[j]) for s in slopes) / 7 for j in (0, 1)] for i in (0, 1)]
    np.testing.assert_allclose(model.gradient_covariance(at), covariance, rtol=1e-12)
    assert (model.hessian(at) == H).all()
    assert model.minimum().tolist() == [0.0, 0.0]
    assert (model.samples, model.dimension) == (7, 2)
