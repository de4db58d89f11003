"""Tests of ``tools.batch_size.costs``."""

from dataclasses import replace

import numpy as np
import pytest

from tests.tools.batch_size.test_operating_point import SIZES, made
from trainphys.estimate import Estimate
from trainphys.tools.batch_size.costs import costs, costs_by_law
from trainphys.tools.batch_size.new_run import updates_by_law
from trainphys.tools.batch_size.step_time import StepTime

AT = np.array([64.0, 90.0])


def at(sweep, batch=AT):
    return costs(sweep, batch, updates_by_law(sweep, batch))


def test_seconds_and_joules_are_products_of_what_is_known():
    sweep = made(step_time=tuple(1e-3 * b**0.5 for b in SIZES))
    found = at(sweep)
    assert found.seconds.value == pytest.approx(found.steps.value * sweep.seconds(AT))
    assert found.joules.value == pytest.approx(found.seconds.value * sweep.watts(AT))
    assert found.seconds.variance == pytest.approx(found.steps.variance)


def test_what_was_read_adds_its_own_doubts():
    bent = made(step_time=tuple(1e-3 * (1 + (k % 2)) for k in range(len(SIZES))))
    found = at(bent)
    assert found.seconds.variance[0] == pytest.approx(found.steps.variance[0])
    assert found.seconds.variance[1] > 2 * found.steps.variance[1]
    repeated = tuple(Estimate(1e-3, 1e-4, 4) for _ in SIZES)
    assert (at(made(step_time=repeated)).seconds.variance > found.steps.variance + 0.2**2).all()


def test_joules_that_were_read_go_before_watts_times_seconds():
    sweep = made()
    read = at(replace(sweep, step_energy=tuple(0.1 * b for b in SIZES)))
    assert read.joules.value == pytest.approx(read.steps.value * 0.1 * AT)
    alone = at(replace(sweep, step_time=None, power=None, step_energy=tuple(0.1 * b for b in SIZES)))
    assert (alone.seconds, alone.watts) == (None, None)
    assert alone.joules.value == pytest.approx(read.joules.value)
    assert at(replace(sweep, power=None)).joules is None


def test_candidates_are_whole_numbers_within_the_sweep_and_its_own_sizes():
    found = costs_by_law(made(step_time=StepTime(1e-3)))
    assert set(SIZES) <= set(found.batch)
    assert (found.batch[0], found.batch[-1]) == (SIZES[0], SIZES[-1])
    assert (found.batch == np.round(found.batch)).all()
