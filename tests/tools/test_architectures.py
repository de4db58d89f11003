"""Curvature and gradient noise of many architectures, each value beside a loop over samples and a built Hessian."""

import numpy as np
import pytest
import torch
from benchmarks.architecture_zoo import CASES, CROSS, SAMPLES, brute_force, labels

from trainphys import gradient_covariance_trace, hessian_trace, noise_scale, sgd_temperature, sharpness


@pytest.mark.parametrize("name", CASES)
def test_every_value_against_brute_force(name):
    torch.manual_seed(3)
    build, draw = CASES[name]
    model, x, y = build().double(), draw(), labels()
    x = x.double() if x.is_floating_point() else x
    before = {key: value.clone() for key, value in model.state_dict().items()}
    (each, hessian), data = brute_force(model, x, y), (x, y)
    mean = each.mean(axis=0)
    trace = ((each - mean) ** 2).sum(axis=1).mean()

    noise = gradient_covariance_trace(model, CROSS, data, population=SAMPLES, chunk=5)
    assert noise.trace == pytest.approx(trace, rel=1e-9)
    assert noise.squared_gradient == pytest.approx(mean @ mean, rel=1e-9)
    assert noise.parameters == len(mean)
    scale = noise_scale(model, CROSS, data, population=SAMPLES)
    assert scale.value == pytest.approx(trace / (mean @ mean), rel=1e-9)
    settings = {"learning_rate": 0.1, "batch_size": 4, "population": SAMPLES}
    hot = sgd_temperature(model, CROSS, data, **settings)
    assert hot.value == pytest.approx(0.1 * trace / (2 * 4 * len(mean)), rel=1e-9)
    way = np.cos(np.arange(len(mean)))
    along = sgd_temperature(model, CROSS, data, direction=way, **settings)
    assert along.value == pytest.approx(0.1 * (each @ way / np.linalg.norm(way)).var() / 8, rel=1e-9)

    top = sharpness(model, CROSS, data, tolerance=1e-7)
    assert top.value == pytest.approx(np.linalg.eigvalsh(hessian)[-1], rel=1e-9)
    curved = hessian_trace(model, CROSS, data, products=1000)
    assert curved.value == pytest.approx(np.trace(hessian), rel=1e-9, abs=1e-12)
    after = model.state_dict()
    assert all(torch.equal(value, before[key]) for key, value in after.items())
    assert all(p.grad is None for p in model.parameters())
