"""Tests of ``chapters.distance.c4_theory.deep_distance``."""

import numpy as np
import pytest
import torch
from scipy import optimize

from trainphys.chapters.distance.c4_theory import deep_distance
from trainphys.chapters.distance.c4_theory.deep_distance import losses_and_steps, train_deep, whitened_digits
from trainphys.laws.steps_from_gradient import fewest_epochs

NORMALISED = ("signals", "weights")
SHORT = {"rate": 0.04, "target": 0.5, "max_epochs": 600}


def networks(runs, seed):
    rng = np.random.default_rng(seed)
    return [torch.from_numpy(rng.normal(size=(runs, *shape))) for shape in ((12, 5), (5, 5), (5, 10))]


@pytest.mark.parametrize("normalised", NORMALISED)
def test_deep_gradients_descend_and_rows_fit(normalised):
    runs = train_deep(normalised, runs=4, seed=0, **SHORT)
    for r in np.unique(runs.run):
        one = runs.run == r
        assert (np.diff(runs.remaining[one]) == -1).all()
        assert runs.remaining[one][-1] == 1
        firm = runs.efficiency[one] > 0
        bound = fewest_epochs(runs.distance[one][firm], runs.drop[one][firm], runs.efficiency[one][firm])
        assert (bound <= runs.remaining[one][firm] * (1 + 1e-9)).all()
    shares = runs.own_line_shares()
    assert len(shares) == len(np.unique(runs.run))
    assert ((shares > 0) & (shares < 1)).all()


def test_pieces_are_the_whole(monkeypatch):
    whole = train_deep("signals", runs=4, seed=0, **SHORT)
    monkeypatch.setattr(deep_distance, "PIECE", 3)
    pieces = train_deep("signals", runs=4, seed=0, **SHORT)
    assert (whole.run == pieces.run).all()
    assert (whole.remaining == pieces.remaining).all()
    assert whole.distance == pytest.approx(pieces.distance, rel=1e-9)


def test_runs_that_do_not_arrive_are_refused():
    with pytest.raises(ValueError, match="expected runs that reach"):
        train_deep("signals", runs=2, seed=0, rate=0.04, target=0.01, max_epochs=2)


def test_deep_gradient_is_a_difference_of_the_loss():
    x, y = (torch.from_numpy(v) for v in whitened_digits(30))
    layers = networks(1, 8)

    def height(flat):
        parts = np.split(flat, np.cumsum([60, 25]))
        ws = [torch.from_numpy(p).reshape(w.shape) for p, w in zip(parts, layers, strict=True)]
        return losses_and_steps(ws, x, y, "nothing")[0][0]

    found = np.concatenate([g.ravel() for g in losses_and_steps(layers, x, y, "nothing")[1]])
    slow = optimize.approx_fprime(np.concatenate([w.ravel() for w in layers]), height, 1e-6)
    assert found == pytest.approx(slow, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("normalised", NORMALISED)
def test_normalised_steps_have_the_size_of_the_error(normalised):
    x, y = (torch.from_numpy(v) for v in whitened_digits(30))
    layers = networks(2, 9)
    one = losses_and_steps(layers, x, y, normalised)[1]
    scaled = [layers[0] * 3.0, layers[1], layers[2] / 3.0]  # the same function: signals and inputs change by three
    other = losses_and_steps(scaled, x, y, normalised)[1]
    for mine, theirs in zip(one, other, strict=True):
        torch.testing.assert_close(mine, theirs)


def test_a_dead_unit_is_seen():
    x, y = (torch.from_numpy(v) for v in whitened_digits(30))
    layers = networks(2, 9)
    layers[1][1, :, 2] = 0.0
    assert losses_and_steps(layers, x, y, "nothing")[2].tolist() == [True, False]


def test_rows_of_deep_runs_are_those_of_a_loop(monkeypatch):
    """Runs that start at the target, never reach it, or end with a dead unit have none."""
    rng, paths = np.random.default_rng(3), []
    losses = np.linspace(1, 0.2, 7)[:, None] * rng.uniform(0.9, 1.1, (7, 5))
    losses[:, 1], losses[0, 2] = 1.0, 0.3
    alive = np.ones((7, 5), dtype=bool)
    alive[:, 3] = [True, False, False, True, False, False, True]

    def planted(layers, *_):
        k = len(paths)
        paths.append(np.concatenate([w.numpy().reshape(5, -1) for w in layers], axis=1))
        return losses[k], [torch.from_numpy(rng.normal(size=w.shape)) for w in layers], alive[k]

    monkeypatch.setattr(deep_distance, "losses_and_steps", planted)
    found = train_deep("nothing", runs=5, seed=0, rate=0.1, target=0.5, max_epochs=6)
    assert len(paths) == 7
    slow = []
    for r in range(5):
        n = next((k for k in range(7) if losses[k, r] < 0.5), 0)
        if n and alive[n, r]:
            for k in range(n):
                gains = [
                    (losses[m, r] - losses[m + 1, r]) / sum((paths[m + 1][r] - paths[m][r]) ** 2) for m in range(k, n)
                ]
                far = sum((paths[k][r] - paths[n][r]) ** 2) ** 0.5
                slow.append([r, far, n - k, losses[k, r] - losses[n, r], min(gains)])
    rows = np.stack([found.run, found.distance, found.remaining, found.drop, found.efficiency], axis=1)
    np.testing.assert_allclose(rows, slow)
    assert set(rows[:, 0]) <= {0, 3, 4}
    assert found.kept == len(set(rows[:, 0])) / 5
