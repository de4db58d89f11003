"""Tests of ``tools.batch_size.step_time``."""

import numpy as np
import pytest

from trainphys.tools.batch_size.step_time import StepTime, fit_step_time


def test_the_fit_has_the_least_relative_error():
    """Against a search over both constants; and a time that falls with the batch size has no part for a sample."""
    sizes, seconds = np.array([1.0, 8.0, 64.0]), np.array([1.2e-3, 1.5e-3, 8e-3])
    found = fit_step_time(sizes, seconds)
    fixed, slope = np.meshgrid(np.linspace(1e-4, 3e-3, 300), np.linspace(1e-6, 3e-4, 300))
    errors = ((fixed[..., None] + slope[..., None] * sizes) / seconds - 1) ** 2
    assert ((found(sizes) / seconds - 1) ** 2).sum() <= errors.sum(axis=-1).min()
    falling = fit_step_time([1, 10], [2e-3, 1e-3])
    assert falling.per_sample_s == 0
    assert 1e-3 < falling.fixed_s < 2e-3


@pytest.mark.parametrize(
    ("sizes", "seconds"), [([1], [1.0]), ([1, 2], [1.0]), ([1, 2], [1.0, 0.0]), ([1, 2], [1.0, np.nan])]
)
def test_seconds_that_fit_nothing_are_refused(sizes, seconds):
    with pytest.raises(ValueError, match="positive seconds at two batch sizes or more, got"):
        fit_step_time(sizes, seconds)


@pytest.mark.parametrize("parts", [(0.0, 0.0), (-1e-3, 1.0), (1.0, -1e-3), (np.nan, 1.0)])
def test_a_duration_is_no_less_than_nothing(parts):
    with pytest.raises(ValueError, match=r"seconds, not both 0, got|_s >= 0 and finite, got"):
        StepTime(*parts)


def test_either_part_of_a_duration_may_be_missing():
    assert StepTime(2e-3)(50) == 2e-3
    assert StepTime(0.0, 1e-5)([100, 200]) == pytest.approx([1e-3, 2e-3])
