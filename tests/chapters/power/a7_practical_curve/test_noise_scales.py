"""Tests of ``chapters.power.a7_practical_curve.noise_scales``."""

import numpy as np
import pytest

from trainphys.chapters.power.a7_practical_curve.noise_scales import noise_scales
from trainphys.chapters.power.shared.batch_sweep import SOFTMAX
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
