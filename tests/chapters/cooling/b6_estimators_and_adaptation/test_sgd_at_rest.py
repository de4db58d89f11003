"""Tests of ``chapters.cooling.b6_estimators_and_adaptation.sgd_at_rest``."""

import numpy as np
import pytest

from trainphys.chapters.cooling.b6_estimators_and_adaptation.sgd_at_rest import stationary_sgd
from trainphys.ensemble import stream
from trainphys.laws.temperature import stationary_temperature
from trainphys.simulate.minibatch_sgd import tilted_quadratic


@pytest.mark.parametrize("momentum", [0.0, 0.8])
def test_sgd_at_rest_has_the_temperature_of_the_law(momentum):
    model = tilted_quadratic([0.2, 0.5, 1.0], [[2.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 3.0]])
    rate = 0.4 * (1 - momentum)
    run = stationary_sgd(
        model, np.zeros((300, 3)), stream(0, "at rest"), learning_rate=rate, batch_size=4, momentum=momentum,
        burn=100, updates=400, every=10, basis=np.eye(3), reference=np.zeros(3),
    )  # fmt: skip
    law = stationary_temperature(rate, 4, [2.0, 1.0, 3.0], momentum=momentum, curvature=[0.2, 0.5, 1.0])
    for mode in range(3):
        for by in ("positions", "steps"):
            found = run.temperature(slice(mode, mode + 1), by)
            assert abs(found.value - law[mode]) < found.tolerance()
    np.testing.assert_allclose(run.noise.mean(axis=0), [2.0, 1.0, 3.0], rtol=0.03)  # about 5 standard errors
