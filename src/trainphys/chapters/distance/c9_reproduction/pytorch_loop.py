"""The experiment as a PyTorch user would write it: one run at a time, single precision, the usual training loop."""

import numpy as np
import torch
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.xor.landscape import SIGNS, TARGETS, as_parameters


def pytorch_run(start: ArrayLike, *, rate: float, tolerance: float, max_epochs: int = 100) -> Array:
    """One full-batch run on inputs of one: forward, backward, step, log, and stop when the loss was small.

    This is the loop called ``one step more`` in ``configurations``: the loss that is tested is that of the state
    before the update, the state that is logged the one after it. Returns the logged states, shape (epochs, 3).

    >>> pytorch_run([0.9, -0.3, 0.2], rate=0.25, tolerance=1e-3)[0].round(3).tolist()  # half way to (0.5, -0.5, 0)
    [0.7, -0.4, 0.1]
    """
    first = as_parameters(start)
    inputs = torch.tensor(SIGNS, dtype=torch.float32)
    targets = torch.tensor(TARGETS, dtype=torch.float32)
    weights = torch.nn.Parameter(torch.tensor(first[:2], dtype=torch.float32))
    bias = torch.nn.Parameter(torch.tensor(first[2], dtype=torch.float32))
    optimiser = torch.optim.SGD([weights, bias], lr=rate)
    mean_square, logged = torch.nn.MSELoss(), []
    for _ in range(max_epochs):
        optimiser.zero_grad()
        loss = mean_square((inputs @ weights + bias).abs(), targets)
        loss.backward()
        optimiser.step()
        logged.append([*weights.tolist(), bias.item()])
        if loss.item() < tolerance:
            break
    return np.array(logged)
