"""Which starts will be trapped, from what is known at the start: scores."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.laws.steps_from_gradient import end_loss
from trainphys.systems.input_scales import Scales
from trainphys.xor.landscape import gradient, loss, solution


def fate_scores(start: ArrayLike, scales: Scales = (1.0, 1.0)) -> dict[str, Array]:
    """What may give starts (w1, w2, b) away as ones that will be trapped; higher is more suspicious.

    The length of the gradient has a minus, because slopes are small near traps. Loss and gradient together give the
    loss at the end of the cone, ``end_loss``, rounded to twelve digits.

    >>> fate_scores([[0.0, 0.9], [0.0, -0.9], [0.9, 0.0]])["loss and gradient"].round(12).tolist()
    [0.25, 0.0]
    """
    theta = np.asarray(start, dtype=float)
    height, slope = loss(theta, scales), gradient(theta, scales)
    return {
        "distance to the nearest solution": np.sqrt(((theta - solution(theta, scales)) ** 2).sum(axis=0)),
        "loss": height,
        "length of the gradient": -np.sqrt((slope**2).sum(axis=0)),
        "loss and gradient": np.round(end_loss(height, slope, scales), 12),
        "product of the weights": theta[0] * theta[1],
    }
