"""Tests of ``chapters.power.a1_basic_relations.digits_updates``."""

import math

import numpy as np
import pytest

from trainphys.chapters.power.a1_basic_relations.digits_updates import digits_best_decrease, digits_descent
from trainphys.ensemble import stream
from trainphys.workloads.datasets import digits


def test_digits_start_at_ln_ten_and_descend():
    run = digits_descent(learning_rate=0.01, updates=3)
    assert run.losses[0] == pytest.approx(math.log(10), rel=1e-6)
    assert run.losses[0] - run.losses[1] == pytest.approx(0.01 * run.squared_gradient, rel=2e-3)


def test_digits_best_decrease_rises_with_the_batch():
    small, large = digits_best_decrease(batch_sizes=(4, 256), warm_up=3, replicas=16, seed=0)
    assert 0 < small.value < large.value < 1.05


def softmax_step(weights, chosen, rate):
    """Softmax regression with a bias on some of the digits, in double precision: loss on all, weights one update on."""
    x = np.column_stack([digits().inputs.double().numpy(), np.ones(len(digits()))])
    y = digits().labels.numpy()
    shares = np.exp(x @ weights)
    shares /= shares.sum(axis=1, keepdims=True)
    loss = -np.log(shares[np.arange(len(y)), y]).mean()
    slope = sum(np.outer(x[n], shares[n] - np.eye(10)[y[n]]) for n in chosen) / len(chosen)
    return loss, weights - rate * slope


def test_descent_and_single_updates_are_those_of_a_loop():
    """Exact updates, then every drawn batch at every learning rate, its loss on all the data after one update."""
    whole, weights, losses = range(len(digits())), np.zeros((65, 10)), []
    for _ in range(3):
        loss, weights = softmax_step(weights, whole, 1.0)
        losses.append(loss)
    run = digits_descent(learning_rate=1.0, updates=2)
    assert run.losses == pytest.approx(losses, rel=1e-5)
    assert run.squared_gradient == pytest.approx(
        float((softmax_step(np.zeros((65, 10)), whole, 1.0)[1] ** 2).sum()), rel=1e-5
    )
    [found] = digits_best_decrease(batch_sizes=(3,), warm_up=2, replicas=4, seed=1, rates=3)
    weights = np.zeros((65, 10))
    for _ in range(2):
        _, weights = softmax_step(weights, whole, 1.0)
    before, _ = softmax_step(weights, [0], 1.0)
    step = lambda chosen, rate: before - softmax_step(softmax_step(weights, chosen, rate)[1], [0], 0.0)[0]  # noqa: E731
    tried = {float(r): step(whole, float(r)) for r in np.geomspace(0.25, 128, 37)}
    centre = max(tried, key=tried.__getitem__)
    assert 0.25 < centre < 128
    drawn = stream(1, "digits-update", 0).integers(len(digits()), size=(4, 3)).tolist()
    means = []
    for k in (-1, 0, 1):
        rate = centre * 3 / 103 * 2 ** (k / 4)
        means.append(sum(step(chosen, rate) for chosen in drawn) / 4)
    assert found.value == pytest.approx(max(means) / tried[centre], rel=2e-3)
