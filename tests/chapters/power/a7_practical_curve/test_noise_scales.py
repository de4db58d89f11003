"""Tests of ``chapters.power.a7_practical_curve.noise_scales``."""

import numpy as np
import pytest

from trainphys.chapters.power.a7_practical_curve.noise_scales import noise_scales
from trainphys.chapters.power.shared.batch_sweep import SOFTMAX
from trainphys.ensemble import stream
from trainphys.workloads.datasets import digits


def test_at_the_start_the_noise_scale_is_that_of_the_gradients_written_out():
    data = digits()
    inputs, labels = data.inputs.double().numpy(), data.labels.numpy()
    inputs = np.column_stack([inputs, np.ones(len(inputs))])  # the bias
    slopes = 0.1 - np.eye(10)[labels]  # of cross-entropy, while all ten classes are as likely
    gradients = (inputs[:, :, None] * slopes[:, None, :]).reshape(len(labels), -1)
    squared = np.sum(gradients.mean(axis=0) ** 2)
    expected = (np.mean(np.sum(gradients**2, axis=1)) - squared) / squared
    [found] = noise_scales(workload=SOFTMAX, batch_size=32, learning_rate=1.0, losses=(2.4,), runs=2, seed=0)
    assert found.value == pytest.approx(expected, rel=1e-3)
    assert found.stderr == pytest.approx(0.0, abs=1e-6 * expected)  # every run starts at zero weights


def test_a_run_that_does_not_come_down_is_refused():
    with pytest.raises(ValueError, match="run on"):
        noise_scales(workload=SOFTMAX, batch_size=8, learning_rate=1e-6, losses=(0.1,), runs=2, seed=0, most_steps=3)


def test_noise_is_measured_when_a_run_first_has_each_loss():
    """Softmax regression in double precision on the batches of each run, all single gradients written out."""
    data, means = digits(), [0.0, 0.0]
    x, y = np.column_stack([data.inputs.double().numpy(), np.ones(len(data))]), data.labels.numpy()
    for run in range(2):
        rng, weights, wanted = stream(4, "noise scale along a run", run), np.zeros((65, 10)), [1.0, 0.7]
        rng.standard_normal((64, 10), dtype=np.float32)  # first weights, which this network multiplies by zero
        for _ in range(200):
            shares = np.exp(x @ weights)
            shares /= shares.sum(axis=1, keepdims=True)
            loss = -np.log(shares[np.arange(len(y)), y]).mean()
            rest = shares - np.eye(10)[y]
            while wanted and loss <= wanted[0]:
                mean = rest.T @ x / len(y)
                squares = np.mean((rest**2).sum(axis=1) * (x**2).sum(axis=1))
                means[2 - len(wanted)] += (squares / (mean**2).sum() - 1) / 2
                wanted = wanted[1:]
            if not wanted:
                break
            chosen = rng.integers(len(y), size=(1, 16))[0]
            weights = weights - 1.5 * sum(np.outer(x[n], rest[n]) for n in chosen) / 16
    found = noise_scales(workload=SOFTMAX, batch_size=16, learning_rate=1.5, losses=(1.0, 0.7), runs=2, seed=4)
    assert [f.value for f in found] == pytest.approx(means, rel=1e-3)
