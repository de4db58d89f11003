"""SGD at rest on two losses of the digits: its temperature, the law, and the document's rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trainphys.arrays import Array
from trainphys.chapters.cooling.b6_estimators_and_adaptation.claimed import claimed_initial_temperature
from trainphys.chapters.cooling.b6_estimators_and_adaptation.estimator_checks import claimed_from_batches
from trainphys.chapters.cooling.b6_estimators_and_adaptation.sgd_at_rest import StationarySgd, stationary_sgd
from trainphys.ensemble import stream
from trainphys.laws.temperature import stationary_temperature
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
    law: Array  # mode: temperature from learning rate, batch size, momentum and noise
    claimed: float  # the document's T0 from batch gradients
    claimed_per_sample: float  # the same from gradients of single samples


def rest_on_softmax(
    *,
    learning_rate: float,
    batch_size: int,
    momentum: float,
    seed: int,
    replicas: int,
    updates: int,
    unit: float = 1.0,
    ridge: float = 0.01,
) -> RestingCase:
    """Softmax regression with 45 parameters, from its minimum.

    Args:
        learning_rate: in units where ``unit`` is one.
        batch_size: even.
        momentum: of SGD.
        seed: root seed.
        replicas: independent runs.
        updates: of the measurement; half as many come before it.
        unit: write the same problem with parameters ``unit`` times as large (and the learning rate to match).
        ridge: of the loss, in units where ``unit`` is one.
    """
    base = softmax_digits(ridge, pool=4)
    model = SoftmaxRegression(base.inputs / unit, base.labels, base.classes, ridge / unit**2)
    return _rest(model, model.minimum(), learning_rate * unit**2, batch_size, momentum, seed, replicas, updates)


def rest_on_perceptron(
    *,
    learning_rate: float,
    batch_size: int,
    momentum: float,
    seed: int,
    replicas: int,
    updates: int,
    ridge: float = 0.01,
) -> RestingCase:
    """Perceptron with 120 parameters, from a point where its exact gradient has all but vanished.

    Args:
        learning_rate: as in ``rest_on_softmax``, like all that follow.
    """
    model = perceptron_digits(8, ridge)
    place = model.settle(model.start(stream(seed, "perceptron"), 1), learning_rate=0.3, updates=1500)[0]
    return _rest(model, place, learning_rate, batch_size, momentum, seed, replicas, updates)


def _rest(
    model: SoftmaxRegression | Perceptron,
    minimum: Array,
    learning_rate: float,
    batch_size: int,
    momentum: float,
    seed: int,
    replicas: int,
    updates: int,
) -> RestingCase:
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
    noise = run.noise.mean(axis=0)
    law = stationary_temperature(
        learning_rate, batch_size, noise, momentum=momentum, curvature=np.maximum(curvature, 0.0)
    )
    everyone = np.broadcast_to(minimum, (model.samples, model.dimension))
    single = model.batch_gradients(everyone, np.arange(model.samples)[:, None])
    return RestingCase(
        model,
        minimum,
        hessian,
        run,
        curvature,
        law,
        claimed_from_batches(run, batch_size),
        claimed_initial_temperature(single),
    )
