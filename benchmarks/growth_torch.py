"""How the cost of curvature, gradient noise and replicas grows, over three decades of size."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from benchmarks.digits_network import CROSS_ENTROPY, digits_data, perceptron
from benchmarks.growth import seconds
from trainphys.tools.curvature.hessian_trace import hessian_trace
from trainphys.tools.curvature.sharpness import sharpness
from trainphys.tools.gradients.noise_scale import gradient_covariance_trace
from trainphys.workloads.replicas import Replicas

WIDTHS = (12, 64, 280, 960)  # of two hidden layers: some 1e3, 1e4, 1e5 and 1e6 parameters
COUNTS = (1, 10, 100, 1000)
UPDATES, BATCH = 5, 32

Row = dict[str, Any]


def measure() -> list[Row]:
    """Rows of kernel, size and seconds: three kernels and a gradient against parameters, updates against replicas."""
    return [*parameter_rows(), *replica_rows()]


def parameter_rows() -> list[Row]:
    """All 1,797 digits, networks of growing width at their random start."""
    data, rows = digits_data(), []
    for width in WIDTHS:
        torch.manual_seed(0)
        model = perceptron((64, width, width, 10))
        size = sum(p.numel() for p in model.parameters())

        def gradient(model: torch.nn.Module = model) -> None:
            model.zero_grad()
            CROSS_ENTROPY(model(data[0]), data[1]).backward()

        kernels = {
            "plain gradient": gradient,
            "largest Hessian eigenvalue": lambda m=model: sharpness(m, CROSS_ENTROPY, data),
            "Hessian trace": lambda m=model: hessian_trace(m, CROSS_ENTROPY, data),
            "gradient covariance trace": lambda m=model: gradient_covariance_trace(m, CROSS_ENTROPY, data),
        }
        for kernel, call in kernels.items():
            rows.append({"kernel": kernel, "size_name": "parameters", "size": size, "seconds": seconds(call)})
    return rows


def replica_rows() -> list[Row]:
    """Five updates of every replica of the digits network."""
    (inputs, labels), rows = digits_data(), []
    for count in COUNTS:
        rng = np.random.default_rng(0)
        nets, rates = Replicas((64, 64, 64, 10), rng, count), torch.full((count,), 0.05)
        drawn = torch.from_numpy(rng.integers(len(labels), size=(UPDATES, count, BATCH)))

        def call(nets: Replicas = nets, rates: torch.Tensor = rates, drawn: torch.Tensor = drawn) -> None:
            for batch in drawn:
                nets.update_drawn(inputs, labels, batch, rates)

        rows.append(
            {"kernel": "replicas, five updates", "size_name": "replicas", "size": count, "seconds": seconds(call)}
        )
    return rows
