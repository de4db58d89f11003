"""The limit for batches on Gaussian inputs, beside the moments of SGD; and where no law is shown."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import mse_loss
from torch.optim import SGD

from trainphys import Estimate, laws, probe
from trainphys.tools.probe.mean_square import check_gaussian

GENERATOR = torch.Generator().manual_seed(0)
SCALES = torch.tensor([2.0, 1.0, 1.0], dtype=torch.float64)
X = torch.randn(4000, 3, generator=GENERATOR, dtype=torch.float64) * SCALES


def looked(inputs=X, outputs=1, loss=mse_loss, batch_size=4, bias=False, **settings):
    torch.manual_seed(0)
    model = nn.Linear(inputs.shape[1], outputs, bias=bias).double()
    optimizer = SGD(model.parameters(), **{"lr": 0.01, "momentum": 0.5, **settings})
    data = inputs, torch.zeros(len(inputs), outputs, dtype=torch.float64)
    return probe(model, loss, data, optimizer, batch_size=batch_size)


def growth(rate, momentum, batch, batches=4000):
    """Factor per update of the mean square of parameters and velocity, averaged over many drawn batches.

    The second moments are carried along, not the runs: rare runs dominate the mean, and few runs would miss them.
    """
    x = np.random.default_rng(1).standard_normal((batches, batch, 3)) * SCALES.numpy()
    hessian = 2 * np.einsum("nbi,nbj->nij", x, x) / batch
    kept = np.broadcast_to(momentum * np.eye(3), hessian.shape)
    update = np.block([[np.eye(3) - rate * hessian, kept], [-rate * hessian, kept]])
    moments, factor = np.eye(6), 0.0
    for _ in range(60):
        moments = (update @ moments @ update.transpose(0, 2, 1)).mean(axis=0)
        factor = np.trace(moments)
        moments /= factor
    return factor


def test_the_mean_square_shrinks_below_it_and_grows_above():
    found = looked()
    limit = found.mean_square_limit
    exact = laws.largest_mean_square_step((2 * SCALES**2).tolist(), 4, 0.5)
    assert abs(limit.value - exact) < 3 * limit.stderr
    assert limit.stderr < 0.05 * exact
    assert limit.value < 0.5 * found.largest_learning_rate.value
    assert growth(0.95 * exact, 0.5, 4) < 1 < growth(1.05 * exact, 0.5, 4)
    assert f"Batches bring the limit down to a rate of {limit.value:.3g}" in found.advice["learning rate"].text


def test_its_error_is_that_of_the_sample():
    limits = [looked(X[k : k + 400], batch_size=4).mean_square_limit for k in range(0, 4000, 400)]
    known = [limit for limit in limits if isinstance(limit, Estimate)]
    scatter = np.std([limit.value for limit in known], ddof=1)
    assert len(known) >= 6
    assert np.mean([limit.stderr for limit in known]) == pytest.approx(scatter, rel=0.6)


def test_several_outputs_share_one_limit_in_their_own_unit():
    assert looked(outputs=3).mean_square_limit.value == pytest.approx(3 * looked().mean_square_limit.value, rel=1e-9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"inputs": X.sign()}, "expected Gaussian inputs"),
        ({"inputs": X + 3}, "expected Gaussian inputs"),
        ({"bias": True}, "one Linear layer without bias"),
        ({"nesterov": True}, "expected SGD without weight decay on least squares"),
        ({"weight_decay": 0.1}, "expected SGD without weight decay on least squares"),
        ({"dampening": 0.1}, "expected SGD without weight decay on least squares"),
        ({"loss": nn.functional.huber_loss}, "expected SGD without weight decay on least squares"),
        ({"batch_size": None}, "give batch_size"),
    ],
)
def test_no_law_is_shown(change, message):
    found = looked(**change)
    assert message in found.mean_square_limit.why
    assert "keep a distance" in found.advice["learning rate"].text


def test_a_network_has_no_such_law():
    model = nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Linear(2, 1)).double()
    found = probe(model, mse_loss, (X, X[:, :1]), SGD(model.parameters(), lr=0.1), batch_size=4)
    assert "one Linear layer" in found.mean_square_limit.why


def test_gaussian_inputs_of_any_covariance_pass():
    turn = torch.randn(3, 3, generator=GENERATOR, dtype=torch.float64)
    check_gaussian(torch.randn(20_000, 3, generator=GENERATOR, dtype=torch.float64) @ turn)
    with pytest.raises(ValueError, match="Gaussian"):
        check_gaussian(torch.distributions.StudentT(5.0).sample((20_000, 3)).double())
