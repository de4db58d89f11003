"""Tests of ``chapters.cooling.b6_estimators_and_adaptation.adaptive_training``."""

import numpy as np
import pytest
import torch

from tests.chapters.cooling.shared.test_training_runs import single_network
from tests.tools.gradients.test_sgd_temperature import per_sample_gradients, sample
from trainphys.chapters.cooling.b6_estimators_and_adaptation.adaptive_training import (
    EVERY,
    FIXED,
    adaptive_scores,
    batch_noise,
)
from trainphys.chapters.cooling.shared.training_runs import final_scores
from trainphys.ensemble import stream
from trainphys.tools.schedules.adaptive_cooling import AdaptiveCooling
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


def test_the_thermometer_is_read_and_obeyed_as_in_a_single_network():
    """Noise of the batch at hand from single gradients, before every tenth update: rate, temperature, factor."""
    data, base, runs = digits_split(), 0.8, 2
    found = adaptive_scores(data, np.array([base]), hidden=4, batch_size=6, updates=3 * EVERY, runs=runs, seed=7)
    for run in range(runs):
        rule, seen, factors, temperatures = AdaptiveCooling(updates=3), [1.0], [], []

        def rate_at(n, slopes, parts, drawn, rule=rule, seen=seen, factors=factors, temperatures=temperatures):
            if n % EVERY == 0:
                x, y = data.inputs[drawn].double(), data.labels[drawn]
                single = []
                for i in range(6):
                    z = torch.tanh(x[i] @ parts[0] + parts[1]) @ parts[2] + parts[3]
                    slope = torch.autograd.grad(torch.nn.functional.cross_entropy(z[None], y[i : i + 1]), parts)
                    single.append(torch.cat([g.flatten() for g in slope]))
                noise = float(torch.stack(single).var(dim=0).sum())
                temperatures.append(base * seen[-1] * noise / (2 * 6 * len(single[0])))
                seen.append(rule.update(temperatures[-1]))
                factors.append(seen[-1])
            return base * seen[-1]

        slow = single_network(data, rate_at, 4, 6, 3 * EVERY, run, runs, 7)
        assert found[0][0, run] == pytest.approx(slow[0], rel=1e-3)
        assert found[2][0, run] == pytest.approx(factors, rel=1e-3)
        assert found[3][0, run] == pytest.approx(temperatures, rel=1e-3)
