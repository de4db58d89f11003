"""Tests of ``chapters.distance.c4_theory.deep_distance``."""

import numpy as np
import pytest
import torch
from scipy import optimize

from trainphys.chapters.distance.c4_theory import deep_distance
from trainphys.chapters.distance.c4_theory.deep_descent import descend
from trainphys.chapters.distance.c4_theory.deep_distance import KIND, SAMPLES, train_deep, whitened_digits
from trainphys.laws.steps_from_gradient import fewest_epochs

NORMALISED = ("signals", "weights")
SHORT = {"rate": 0.04, "target": 0.5, "max_epochs": 600}


def networks(runs, seed):
    rng = np.random.default_rng(seed)
    return [torch.from_numpy(rng.normal(size=(runs, *shape))) for shape in ((12, 5), (5, 5), (5, 10))]


def losses_and_steps(layers, x, y, normalised):
    """The slow twin, by automatic differentiation.

    Gives losses of the networks, what descent subtracts from each layer (runs, inputs, outputs), and who has no dead
    unit.

    With ``signals`` and ``weights`` each layer's gradient is divided by the root mean square of its input, and by the
    factor with which the layers above pass the output's error down: that of the error itself, or the product of
    their weights' root-mean-square gains.
    """
    values, outputs = [x.expand(len(layers[0]), -1, -1)], []
    for w in layers:
        outputs.append((values[-1] @ w).requires_grad_())
        values.append(torch.relu(outputs[-1]))
    losses = ((outputs[-1] - y) ** 2).sum(dim=2).mean(dim=1) / (y**2).sum(dim=1).mean()
    signals = torch.autograd.grad(losses.sum(), outputs)
    steps = [(a.mT @ signal).detach() for a, signal in zip(values, signals, strict=False)]
    if normalised == "signals":
        passed = [_size(signal) / _size(signals[-1]) for signal in signals]
    elif normalised == "weights":
        gains = [_size(w) * w.shape[1] ** 0.5 for w in layers]
        passed = [gains[1] * gains[2], gains[2], torch.ones_like(gains[2])]
    if normalised != "nothing":
        steps = [step / (_size(a) * f) for step, a, f in zip(steps, values, passed, strict=False)]
    alive = torch.stack([(a > 0).any(dim=1).all(dim=1) for a in values[1:-1]]).all(dim=0)
    return losses.detach().numpy(), steps, alive.numpy()


def _size(values):
    """Root mean square over the last two axes, of each run; a dead layer counts as 1."""
    size = (values.detach() ** 2).mean(dim=(1, 2), keepdim=True).sqrt()
    return torch.where(size > 0, size, 1.0)


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


@pytest.mark.parametrize("normalised", ["nothing", *NORMALISED])
@pytest.mark.parametrize("target", [0.5, 1e-9])
def test_descent_is_that_of_automatic_gradients(normalised, target):
    """Losses, parameters and the number of epochs; a target that is not reached is reported as such."""
    x, y = whitened_digits(SAMPLES)
    rng, epochs, rate = np.random.default_rng(5), 150, 0.04
    start = [rng.normal(size=shape) * (2 / shape[0]) ** 0.5 for shape in ((12, 16), (16, 16), (16, 10))]
    path, heights = np.full((epochs + 1, 608), np.nan), np.full(epochs + 1, np.nan)
    n, alive = descend(x, y, *start, KIND[normalised], rate, target, path, heights)
    layers = [torch.from_numpy(w)[None] for w in start]
    for epoch in range(epochs + 1):
        losses, steps, living = losses_and_steps(layers, torch.from_numpy(x), torch.from_numpy(y), normalised)
        assert heights[epoch] == pytest.approx(losses[0], rel=1e-9)
        assert path[epoch] == pytest.approx(torch.cat([w.flatten() for w in layers]).numpy(), rel=1e-7, abs=1e-9)
        if losses[0] < target:
            break
        layers = [w - rate * g for w, g in zip(layers, steps, strict=True)]
    assert (n, alive) == ((epoch, living[0]) if losses[0] < target else (-1, False))
    assert target < 0.1 or 0 < n < epochs or normalised == "nothing"


@pytest.mark.parametrize("layer", [0, 1])
def test_a_run_that_ends_with_a_dead_unit_is_told(layer):
    x, y = whitened_digits(SAMPLES)
    rng = np.random.default_rng(6)
    start = [rng.normal(size=shape) * (2 / shape[0]) ** 0.5 for shape in ((12, 16), (16, 16), (16, 10))]
    path, heights = np.empty((2, 608)), np.empty(2)
    assert descend(x, y, *start, KIND["nothing"], 0.0, np.inf, path, heights) == (0, True)
    start[layer][:, 3] = 0.0
    assert descend(x, y, *start, KIND["nothing"], 0.0, np.inf, path, heights) == (0, False)


def test_rows_of_deep_runs_are_those_of_a_loop(monkeypatch):
    """Runs that start at the target, never reach it, or end with a dead unit have none."""
    rng = np.random.default_rng(3)
    paths, losses = rng.normal(size=(5, 7, 608)), np.linspace(1, 0.2, 7) * rng.uniform(0.9, 1.1, (5, 7))
    ends = [(6, True), (-1, False), (0, True), (5, False), (3, True)]
    turn = iter(range(5))

    def planted(x, y, w1, w2, w3, kind, rate, target, path, heights):
        run = next(turn)
        path[:], heights[:] = paths[run], losses[run]
        return ends[run]

    monkeypatch.setattr(deep_distance, "descend", planted)
    found = train_deep("nothing", runs=5, seed=0, rate=0.1, target=0.5, max_epochs=6)
    slow = []
    for r, n in ((0, 6), (4, 3)):
        for k in range(n):
            gains = [(losses[r, m] - losses[r, m + 1]) / sum((paths[r, m + 1] - paths[r, m]) ** 2) for m in range(k, n)]
            far = sum((paths[r, k] - paths[r, n]) ** 2) ** 0.5
            slow.append([r, far, n - k, losses[r, k] - losses[r, n], min(gains)])
    rows = np.stack([found.run, found.distance, found.remaining, found.drop, found.efficiency], axis=1)
    np.testing.assert_allclose(rows, slow)
    assert found.kept == 2 / 5
