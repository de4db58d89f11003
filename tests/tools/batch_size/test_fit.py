"""Tests of ``tools.batch_size.fit``."""

import numpy as np
import pytest

from tests.chapters.power.shared.test_claimed import BATCH
from trainphys.laws.batch_size import steps_to_target
from trainphys.tools.batch_size.fit import PLAIN_STEPS, STEPS, Law, fit, held_out

CONSTANT = Law("constant", ("level",), lambda b, x: x[0] + 0 * b, lambda b, v: [(1.0,)])


def test_a_constant_is_fitted_by_the_mean_of_the_logarithms():
    values = np.array([1.0, 10.0, 100.0, 1000.0])
    found = fit(CONSTANT, [1, 2, 4, 8], values)
    assert found["level"] == pytest.approx(10**1.5)
    assert found.rms == pytest.approx(np.log(values).std())
    assert found([3, 5]) == pytest.approx([10**1.5] * 2)
    others = [np.exp(np.log(np.delete(values, i)).mean()) for i in range(4)]
    assert held_out(CONSTANT, [1, 2, 4, 8], values) == pytest.approx(others)


def test_the_best_of_several_starts_is_kept():
    """One end of the range is a local minimum: a curve of two wells in the logarithm of its level."""

    def curve(batch, x):
        u = np.log(x[0])
        return np.exp((u**2 - 4) ** 2 / 10 + 0.2 * (u - 2) ** 2) + 0 * batch

    for starts in ([(0.1,), (10.0,)], [(10.0,), (0.1,)]):
        found = fit(Law("two wells", ("level",), curve, lambda b, v, s=starts: s), [1.0, 2.0], [1.0, 1.0])
        assert found["level"] == pytest.approx(np.exp(2), rel=1e-2)


@pytest.mark.parametrize("law", [STEPS, PLAIN_STEPS])
def test_as_many_points_as_parameters_are_enough(law):
    sizes = BATCH[:: 10 // (len(law.parameters) - 1)]
    truth = (40.0, 60.0, 1.5)[: len(law.parameters)]
    found = fit(law, sizes, steps_to_target(sizes, *truth))
    assert found.values == pytest.approx(truth, rel=1e-4)
    names = ("minimum_steps", "critical_batch_size", "sharpness")[: len(truth)]
    assert tuple(found[name] for name in names) == found.values
    with pytest.raises(ValueError, match=f"expected {len(truth)} points or more of each, got"):
        fit(law, sizes[1:], sizes[1:])


@pytest.mark.parametrize("bad", [np.inf, np.nan, 0.0, -1.0])
def test_fits_refuse_values_that_have_no_logarithm(bad):
    values = np.where(BATCH == 4, bad, 1.0)
    for sizes, measured in ((BATCH, values), (values, BATCH)):
        if np.isfinite(bad) or measured is values:
            with pytest.raises(ValueError, match=r"positive, finite values: .* never reach"):
                fit(STEPS, sizes, measured)


def test_fits_refuse_shapes_that_differ():
    for sizes, measured in ((BATCH, BATCH[1:]), (BATCH[:, None], BATCH[:, None]), (BATCH[1:], BATCH)):
        with pytest.raises(ValueError, match="3 points or more of each"):
            fit(STEPS, sizes, measured)
