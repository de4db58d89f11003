"""The limit of stability for batches where a law of it is shown: least squares on Gaussian inputs."""

import math

import torch
from torch import Tensor

from trainphys.estimate import Estimate
from trainphys.laws.stability import largest_mean_square_step
from trainphys.tools.gradients.noise_scale import unseen_share
from trainphys.tools.models.batches import Batches, Data
from trainphys.tools.models.model_loss import Loss, ModelLoss
from trainphys.tools.probe.updates import Settings
from trainphys.tools.stacks.linear_stack import stack_loss
from trainphys.tools.stacks.sample_losses import SquaredError

PARTS = 32  # of the inputs, left out one by one for the standard error
KEEP = "keep a distance from the limit of the exact gradient"
NOT_SHOWN = (
    "expected SGD without weight decay on least squares (one Linear layer without bias, squared loss, tensors), "
    f"for which the limit is shown, got others: {KEEP}"
)


def mean_square_limit(
    of: ModelLoss, loss: Loss, data: Data, how: Settings, batch_size: int | None, population: int | None
) -> Estimate:
    """Learning rate at which batches make the mean square of the parameters grow: least squares on Gaussian inputs."""
    plain = how.is_sgd and not (how.nesterov or how.dampening or how.weight_decay) and how.learning_rate is not None
    known = stack_loss(of.model, loss, Batches(data, like=of.at).single, second=False)
    momentum = how.momentum
    if known is None or len(known.stack.weights) > 1 or known.stack.biases[0] is not None:
        raise ValueError(NOT_SHOWN)
    if not isinstance(known.losses, SquaredError) or not plain or momentum is None:
        raise ValueError(NOT_SHOWN)
    if batch_size is None:
        raise ValueError("expected the samples behind one update, got none: give batch_size")
    x, outputs, n = known.at.below[0].double(), known.at.outputs.shape[1], len(known.at.below[0])
    check_gaussian(x)

    def limit(rows: Tensor) -> float:
        curvatures = torch.linalg.eigvalsh(rows.T @ rows * (2 / len(rows) / outputs)).cpu().numpy()
        return largest_mean_square_step(curvatures[curvatures > 1e-9 * curvatures[-1]], batch_size, momentum)

    value, parts = limit(x), min(PARTS, n)
    left_out = [limit(torch.cat([x[:k], x[k + step :]])) for step in [math.ceil(n / parts)] for k in range(0, n, step)]
    jackknife = torch.tensor(left_out, dtype=torch.float64)
    spread = float((jackknife - jackknife.mean()).square().sum()) * (len(left_out) - 1) / len(left_out)
    return Estimate(value, math.sqrt(spread * unseen_share(n, population)), n, len(left_out) - 1)


def check_gaussian(inputs: Tensor) -> None:
    r"""Refuse inputs whose squared lengths vary otherwise than $\operatorname{E}|x|^4=(\operatorname{tr}C)^2+2\operatorname{tr}C^2$.

    It is one moment of many, but the one that the limit rests on.
    """  # noqa: E501
    covariance = inputs.T @ inputs / len(inputs)
    fourth, wanted = inputs.square().sum(dim=1).square(), covariance.trace() ** 2 + 2 * covariance.square().sum()
    error = Estimate.from_samples((fourth - wanted).cpu().numpy())
    if abs(error.value) > min(error.tolerance(), 0.1 * float(wanted)):
        raise ValueError(
            "expected Gaussian inputs, for which the limit is shown, got a mean fourth power of their length of "
            f"{float(fourth.mean()):.3g} instead of {float(wanted):.3g}: {KEEP}"
        )
