"""The document's estimators, as it gives them."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.chapters.cooling.b6_estimators_and_adaptation.sgd_at_rest import StationarySgd, Trainable


def claimed_cooling_time(dimension: ArrayLike, smallest: ArrayLike) -> Array:
    r"""The document's $\tau=d/\lambda_{\min}$, in units of $\int\eta\,dt$; negative where the loss is concave.

    >>> float(claimed_cooling_time(10, 0.5))
    20.0
    """
    return np.asarray(np.asarray(dimension, dtype=float) / np.asarray(smallest, dtype=float))


def claimed_initial_temperature(gradients: ArrayLike) -> float:
    r"""The document's $T_0=\operatorname{var}(\nabla L)/\operatorname{mean}|\nabla L|$, in loss per parameter.

    Of gradients in rows: trace of their covariance over their mean norm.

    >>> claimed_initial_temperature([[1.0], [3.0]]), claimed_initial_temperature([[10.0], [30.0]])
    (1.0, 10.0)
    """
    g = np.asarray(gradients, dtype=float)
    if g.ndim != 2 or len(g) < 2:
        raise ValueError(f"expected at least two gradients as rows, got shape {g.shape}")
    return float(g.var(axis=0, ddof=1).sum() / np.linalg.norm(g, axis=1).mean())


def claimed_from_batches(run: StationarySgd, batch_size: int) -> float:
    r"""The document's $T_0$ from batch gradients of a stationary run, $\operatorname{tr}C\,/\,B\langle|g|\rangle$."""
    return float(run.noise.sum(axis=1).mean() / batch_size / run.gradient_norm.mean())


def claimed_from_samples(model: Trainable, point: Array) -> float:
    """The document's $T_0$ from the gradients of all single samples at one point."""
    everyone = np.broadcast_to(point, (model.samples, model.dimension))
    return claimed_initial_temperature(model.batch_gradients(everyone, np.arange(model.samples)[:, None]))
