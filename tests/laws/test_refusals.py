"""What the public laws refuse, and that they say why."""

import numpy as np
import pytest

from trainphys.laws.gaussian_well import entropy_production
from trainphys.laws.momentum import tuned_momentum
from trainphys.laws.oscillation import loss_frequency
from trainphys.laws.stability import growth_factor, is_stable
from trainphys.laws.steps_from_gradient import fewest_epochs
from trainphys.laws.temperature import rotation_rate
from trainphys.systems.noisy_quadratic import NoisyQuadratic

MODEL = NoisyQuadratic((1.0, 0.04), (0.0, 0.0))


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: growth_factor(np.nan), "finite step_curvature"),
        (lambda: growth_factor(0.1, np.inf), "finite momentum"),
        (lambda: is_stable([[1.0, 2.0]], 0.1), "square Hessian"),
        (lambda: is_stable([[1.0, 5.0], [0.0, 1.0]], 0.1), "symmetric Hessian"),
        (lambda: is_stable([[np.nan]], 0.1), "finite hessian"),
        (lambda: is_stable([[1.0]], 0.0), "step > 0"),
        (lambda: is_stable([[1.0]], 0.1, np.nan), "finite momentum"),
        (lambda: loss_frequency(0.0, 0.5), "step_curvature > 0"),
        (lambda: loss_frequency(0.1, 1.0), "0 <= momentum < 1"),
        (lambda: rotation_rate(0.0, 4, 1.0, 1.0, 2.0), "learning_rate > 0"),
        (lambda: rotation_rate(0.1, 0, 1.0, 1.0, 2.0), "batch_size >= 1"),
        (lambda: rotation_rate(0.1, 4, np.nan, 1.0, 2.0), "finite covariance"),
        (lambda: rotation_rate(0.1, 4, 1.0, -1.0, 2.0), "first > 0"),
        (lambda: rotation_rate(3.0, 4, 1.0, 1.0, 2.0), "learning_rate < 2 / curvature"),
        (lambda: entropy_production(0.0, 1.0, 1.0), "lag > 0"),
        (lambda: entropy_production(1.0, 0.0, 1.0), "mobility > 0"),
        (lambda: entropy_production(1.0, 1.0, -1.0), "curvature > 0"),
        (lambda: fewest_epochs(-1.0, 1.0, 1.0), "distance >= 0"),
        (lambda: fewest_epochs(1.0, 0.0, 1.0), "loss_drop > 0"),
        (lambda: fewest_epochs(1.0, 1.0, 0.0), "efficiency > 0"),
        (lambda: tuned_momentum(MODEL, 1.0, 1e-2, highest=1.0), r"highest in \(0, 1\)"),
        (lambda: tuned_momentum(MODEL, 0.0, 1e-2), "batch_size > 0"),
        (lambda: tuned_momentum(MODEL, 1.0, 1e3), "target_loss < 0.52"),
    ],
)
def test_bad_input_is_refused_with_a_reason(call, reason):
    with pytest.raises(ValueError, match=reason):
        call()
