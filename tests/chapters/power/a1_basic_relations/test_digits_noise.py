"""Tests of ``chapters.power.a1_basic_relations.digits_noise``."""

import numpy as np
import pytest
import torch
from torch import nn

from trainphys.chapters.power.a1_basic_relations.digits_noise import digits_noise
from trainphys.tools.gradients.noise_scale import noise_scale
from trainphys.workloads.datasets import digits


def test_noise_scales_of_digits_by_automatic_differentiation():
    (found,) = digits_noise(learning_rate=1.0, updates=(3,))
    data, model = digits(), nn.Linear(64, 10).double()
    for parameter in model.parameters():
        parameter.data.zero_()
    pixels = data.inputs.double()
    loss = lambda: nn.functional.cross_entropy(model(pixels), data.labels)  # noqa: E731
    for _ in range(3):
        slopes = torch.autograd.grad(loss(), list(model.parameters()))
        for parameter, slope in zip(model.parameters(), slopes, strict=True):
            parameter.data -= slope
    simple = noise_scale(model, nn.functional.cross_entropy, (pixels, data.labels), population=len(data))
    assert found.simple_noise_scale == pytest.approx(simple.value, rel=1e-4)
    assert found.loss == pytest.approx(float(loss().detach()), rel=1e-5)

    def along(*samples):  # curvature along the mean gradient of some samples
        picked = torch.tensor(samples) if samples else torch.arange(len(data))
        mean = nn.functional.cross_entropy(model(pixels[picked]), data.labels[picked])
        slopes = torch.autograd.grad(mean, list(model.parameters()))
        whole = torch.autograd.grad(loss(), list(model.parameters()), create_graph=True)
        product = torch.autograd.grad(_dot(whole, slopes), list(model.parameters()))
        return float(_dot(product, slopes))

    some = np.array([along(k) for k in range(0, len(data), 3)])
    estimate, error = some.mean() / along() - 1, some.std() / np.sqrt(some.size) / along()
    assert abs(found.noise_batch_size - estimate) < 4 * error < 0.2 * estimate


def _dot(one, other):
    return sum((a * b).sum() for a, b in zip(one, other, strict=True))
