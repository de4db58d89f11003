"""Tests of ``chapters.power.a1_basic_relations.digits_updates``."""

import math

import pytest

from trainphys.chapters.power.a1_basic_relations.digits_updates import digits_best_decrease, digits_descent


def test_digits_start_at_ln_ten_and_descend():
    run = digits_descent(learning_rate=0.01, updates=3)
    assert run.losses[0] == pytest.approx(math.log(10), rel=1e-6)
    assert run.losses[0] - run.losses[1] == pytest.approx(0.01 * run.squared_gradient, rel=2e-3)


def test_digits_best_decrease_rises_with_the_batch():
    small, large = digits_best_decrease(batch_sizes=(4, 256), warm_up=3, replicas=16, seed=0)
    assert 0 < small.value < large.value < 1.05
