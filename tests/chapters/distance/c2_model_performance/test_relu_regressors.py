"""Tests of ``chapters.distance.c2_model_performance.relu_regressors``."""

import numpy as np
import pytest
import torch

from tests.chapters.distance.shared.test_regressors import TABLE
from trainphys.chapters.distance.c2_model_performance.relu_regressors import relu_networks, relu_paths
from trainphys.chapters.distance.shared.protocols import variance_explained


def test_networks_learn_a_function_and_do_not_depend_on_their_order():
    y = np.abs(TABLE[:, 0])
    settings_ = {"hidden": (16,), "batch": 16, "epochs": 150, "seed": 3}
    one = relu_networks([(TABLE, y, TABLE), (TABLE[:80], y[:80], TABLE[80:])], **settings_)
    assert variance_explained(y, one[0]) > 0.9
    assert one[1].shape == (40,)
    again = relu_networks([(TABLE, y, TABLE), (TABLE[:80], y[:80], TABLE[80:])], **settings_)
    assert np.array_equal(one[0], again[0])
    with pytest.raises(ValueError, match="rows >= 500"):
        relu_networks([(TABLE, y, TABLE)], hidden=(4,), batch=500, epochs=1, seed=0)


def test_a_network_is_trained_as_by_adam_written_out():
    """The same first weights, shuffles and minibatches; the rows that fill no minibatch are left out of an epoch."""
    draw = np.random.default_rng(2)
    table, target, judge = draw.normal(size=(11, 3)), draw.normal(size=11), draw.normal(size=(4, 3))
    [found] = relu_networks([(table, target, judge)], hidden=(5,), batch=4, epochs=3, seed=6)
    rng = torch.Generator().manual_seed(6)
    mean, spread = table.mean(axis=0), table.std(axis=0)
    shuffle = torch.randperm(11, generator=rng)
    x = torch.from_numpy((table - mean) / spread)[shuffle]
    y = torch.from_numpy(target)[shuffle]
    shapes = [
        (3, 5, 3),
        (5, 1, 5),
        (1, 5, 3),
        (1, 1, 5),
    ]  # weights, then biases; uniform in one over the root of inputs
    parts = [((2 * torch.rand(1, a, b, generator=rng) - 1)[0] / n**0.5).double() for a, b, n in shapes]
    means, squares, step = [torch.zeros_like(p) for p in parts], [torch.zeros_like(p) for p in parts], 0
    for _ in range(3):
        order = torch.randperm(11, generator=rng)
        for low in (0, 4):
            now, step = order[low : low + 4], step + 1
            for p in parts:
                p.requires_grad_(True)
            out = torch.relu(x[now] @ parts[0] + parts[2]) @ parts[1] + parts[3]
            slopes = torch.autograd.grad(((out[:, 0] - y[now]) ** 2).mean(), parts)
            means = [0.9 * m + 0.1 * g for m, g in zip(means, slopes, strict=True)]
            squares = [0.999 * s + 0.001 * g * g for s, g in zip(squares, slopes, strict=True)]
            parts = [
                (p - 1e-3 * m / (1 - 0.9**step) / ((s / (1 - 0.999**step)).sqrt() + 1e-8)).detach()
                for p, m, s in zip(parts, means, squares, strict=True)
            ]
    asked = torch.from_numpy((judge - mean) / spread)
    slow = torch.relu(asked @ parts[0] + parts[2]) @ parts[1] + parts[3]
    np.testing.assert_allclose(found, slow[:, 0], atol=1e-5)


def test_a_training_that_is_looked_at_goes_on_as_one_that_is_not():
    y, settings_ = np.abs(TABLE[:, 0]), {"hidden": (4,), "batch": 16, "seed": 3}
    found = relu_paths([(TABLE, y, TABLE)], epochs=(2, 5), **settings_)
    for epochs in (2, 5):
        assert np.array_equal(found[epochs][0], relu_networks([(TABLE, y, TABLE)], epochs=epochs, **settings_)[0])
