"""SGD at rest on two losses of the digits: its temperature, and what the document's rule is made of."""

from dataclasses import dataclass

import numpy as np

from trainphys.arrays import Array
from trainphys.chapters.cooling.b6_estimators_and_adaptation.sgd_at_rest import StationarySgd, stationary_sgd
from trainphys.ensemble import stream
from trainphys.workloads.perceptron import Perceptron, perceptron_digits
from trainphys.workloads.softmax_regression import SoftmaxRegression, softmax_digits


@dataclass(frozen=True, slots=True)
class RestingCase:
    """One stationary run, along the modes of the Hessian, from soft to stiff."""

    model: SoftmaxRegression | Perceptron
    minimum: Array
    hessian: Array
    run: StationarySgd
    curvature: Array  # mode
    learning_rate: float
    batch_size: int
    momentum: float
    batch_gradients: tuple[float, float]  # trace of their covariance and their mean norm along the run
    sample_gradients: tuple[float, float]  # the same of single samples, at the minimum
    displacement: Array  # reading, replica, mode: from the minimum


def softmax_at_minimum(unit: float = 1.0) -> tuple[SoftmaxRegression, Array]:
    """Softmax regression with 45 parameters, and its minimum; the parameters are written ``unit`` times as large."""
    ridge = 0.01
    base = softmax_digits(ridge, pool=4)
    model = SoftmaxRegression(base.inputs / unit, base.labels, base.classes, ridge / unit**2)
    return model, model.minimum()


def settled_perceptron(seed: int) -> tuple[Perceptron, Array]:
    """Perceptron with 120 parameters, and a point where its exact gradient has all but vanished."""
    model = perceptron_digits(8, 0.01)
    return model, model.settle(model.start(stream(seed, "perceptron"), 1), learning_rate=0.3, updates=1500)[0]


def sgd_rests(
    model: SoftmaxRegression | Perceptron,
    minimum: Array,
    *,
    learning_rate: float,
    batch_size: int,
    momentum: float,
    seed: int,
    replicas: int,
    updates: int,
) -> RestingCase:
    """SGD from a minimum until it is stationary, then for ``updates`` more; half as many come before."""
    hessian = model.hessian(minimum)
    curvature, basis = np.linalg.eigh(hessian)
    run = stationary_sgd(
        model,
        np.tile(minimum, (replicas, 1)),
        stream(seed, f"rest {learning_rate:g} {batch_size} {momentum:g} {len(minimum)}"),
        learning_rate=learning_rate,
        batch_size=batch_size,
        momentum=momentum,
        burn=updates // 2,
        updates=updates,
        every=max(1, updates // 30),
        basis=basis,
        reference=minimum,
    )
    everyone = np.broadcast_to(minimum, (model.samples, model.dimension))
    single = model.batch_gradients(everyone, np.arange(model.samples)[:, None])
    return RestingCase(
        model,
        minimum,
        hessian,
        run,
        curvature,
        learning_rate,
        batch_size,
        momentum,
        (float(run.noise.sum(axis=1).mean() / batch_size), float(run.gradient_norm.mean())),
        (float(single.var(axis=0, ddof=1).sum()), float(np.linalg.norm(single, axis=1).mean())),
        (run.states - minimum) @ basis,
    )
