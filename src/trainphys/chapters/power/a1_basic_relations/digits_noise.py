"""How noisy the gradient of a softmax regression on digits is on its way down, exactly, over all samples."""

from dataclasses import dataclass

import numpy as np
import torch

from trainphys.workloads.datasets import digits
from trainphys.workloads.replicas import Replicas

LAYERS = (64, 10)


@dataclass(frozen=True, slots=True)
class DigitsNoise:
    r"""A loss and the noise scales $\operatorname{tr}(H\Sigma)/g^{\mathsf T}Hg$ and $\operatorname{tr}\Sigma/|g|^2$."""

    loss: float
    noise_batch_size: float
    simple_noise_scale: float


def digits_noise(*, learning_rate: float, updates: tuple[int, ...]) -> list[DigitsNoise]:
    """Noise scales after given numbers of updates with the exact gradient, from zero weights.

    >>> round(digits_noise(learning_rate=1.0, updates=(0,))[0].simple_noise_scale, 1)
    24.9
    """
    data, nets, found = digits(), Replicas(LAYERS, np.random.default_rng(0), 1), []
    for update in range(max(updates) + 1):
        if update in updates:
            found.append(_noise(nets))
        nets.update(data.inputs[None], data.labels[None], torch.tensor([learning_rate]))
    return found


def _noise(nets: Replicas) -> DigitsNoise:
    r"""A sample's gradient is $(p-y)x^{\mathsf T}$, and $v^{\mathsf T}Hv$ the mean variance of $v$'s logits under p."""
    data = digits()
    x = np.column_stack([data.inputs.double().numpy(), np.ones(len(data))])
    weights = np.vstack([nets.weights[0][0].double().numpy(), nets.biases[0].double().numpy().reshape(1, -1)])
    logits = x @ weights
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    rest = p - np.eye(p.shape[1])[data.labels.numpy()]
    of_samples = ((x @ x.T) ** 2 * (rest**2 @ p.T - (rest @ p.T) ** 2)).mean()
    gradient = rest.T @ x / len(x)
    along = x @ gradient.T
    of_mean = ((p * along**2).sum(axis=1) - (p * along).sum(axis=1) ** 2).mean()
    squared, samples_squared = (gradient**2).sum(), ((rest**2).sum(axis=1) * (x**2).sum(axis=1)).mean()
    loss = -np.log(p[np.arange(len(x)), data.labels.numpy()]).mean()
    return DigitsNoise(float(loss), float(of_samples / of_mean - 1), float(samples_squared / squared - 1))
