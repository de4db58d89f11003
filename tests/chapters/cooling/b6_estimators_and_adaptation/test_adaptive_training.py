"""Tests of ``chapters.cooling.b6_estimators_and_adaptation.adaptive_training``."""

import numpy as np
import pytest
import torch

from tests.tools.gradients.test_sgd_temperature import per_sample_gradients, sample
from trainphys.chapters.cooling.b6_estimators_and_adaptation.adaptive_training import (
    EVERY,
    FIXED,
    adaptive_scores,
    batch_noise,
)
from trainphys.chapters.cooling.shared.training_runs import final_scores
from trainphys.ensemble import stream
from trainphys.workloads.datasets import digits_split
from trainphys.workloads.replicas import Replicas


def test_runs_are_paired_with_those_of_the_fixed_schedules():
    """Before the rule acts, an adaptive run is the constant-rate run of the same number, bit for bit."""
    data = digits_split()
    sizes = {"hidden": 4, "batch_size": 8, "updates": EVERY, "runs": 3, "seed": 5}
    loss, accuracy, factors, temperatures = adaptive_scores(data, np.array([0.1]), **sizes)
    constant = {"constant": np.ones_like}
    reference = final_scores(data, constant, np.array([[0.1]]), **sizes)
    np.testing.assert_array_equal(loss[0], reference[0][0, 0])
    np.testing.assert_array_equal(accuracy[0], reference[1][0, 0])
    assert factors.shape == temperatures.shape == (1, 3, 1)
    assert (temperatures > 0).all()
    assert set(FIXED) == {"exponential", "cosine"}
    assert stream(0, "a").random() != stream(1, "a").random()


def test_batch_noise_against_per_sample_gradients():
    networks = Replicas((3, 4, 2), stream(0, "replicas"), 1)
    x, y = sample(12)
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2)).double()
    for layer, w, b in zip((model[0], model[2]), networks.weights, networks.biases, strict=True):
        layer.weight.data, layer.bias.data = w[0].T.double(), b[0].double()
    reference = per_sample_gradients(model, (x, y)).var(axis=0, ddof=1).sum()
    found = batch_noise(networks, x[None].float(), y[None])
    assert float(found[0]) == pytest.approx(reference, rel=1e-5)
