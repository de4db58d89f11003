"""Noise scale and temperature of a probe, from one look at the gradients of the samples."""

from trainphys.errors import NotIdentifiable
from trainphys.estimate import Estimate
from trainphys.laws.temperature import stationary_temperature
from trainphys.tools.gradients.noise_scale import FEWEST, GradientNoise, NoiseScale, noise_scale
from trainphys.tools.models.batches import Data
from trainphys.tools.models.model_loss import Loss, ModelLoss
from trainphys.tools.probe.updates import Settings
from trainphys.tools.probe.values import Refused, Value, missing


def scale(
    of: ModelLoss, loss: Loss, data: Data, population: int | None, error: float, chunk: int
) -> tuple[Value, GradientNoise | Refused]:
    """The noise scale, and the gradient noise behind it, which is known also where the scale is not."""
    try:
        found = noise_scale(of.model, loss, data, population=population, relative_error=error, chunk=chunk)
    except NotIdentifiable as caught:
        kept = caught.estimate
        return Refused(str(caught)), kept.noise if isinstance(kept, NoiseScale) else Refused(str(caught))
    except ValueError as caught:
        return Refused(str(caught)), Refused(str(caught))
    n = found.noise.samples
    return Estimate(found.value, found.stderr, n, n - 1), found.noise


def temperature(
    noise: GradientNoise | Refused, how: Settings, batch_size: int | None, population: int | None, error: float
) -> Estimate:
    r"""$\frac{\eta\operatorname{tr}C}{2B(1-\mu)d}$, as ``sgd_temperature`` has it."""
    if not how.is_sgd or how.nesterov:
        got = "Nesterov momentum" if how.is_sgd else how.name
        raise ValueError(
            f"expected SGD with plain momentum, for which the temperature is known, got {got}: for others look at "
            "the noise scale"
        )
    if how.learning_rate is None or how.momentum is None or how.dampening is None:
        raise ValueError(
            "expected one learning rate and momentum, got groups that differ: for each group call sgd_temperature with "
            "its settings while the parameters of the others have requires_grad_(False)"
        )
    if batch_size is None:
        raise ValueError("expected the samples behind one update, got none: give batch_size")
    if isinstance(noise, Refused):
        raise ValueError(missing("noise scale"))
    n = noise.samples
    if population != n and n < FEWEST:
        raise ValueError(f"expected {FEWEST} samples or more of a larger population, got {n}: give more")
    if not noise.stderr <= error * noise.trace:
        raise ValueError(
            f"expected a relative error below {error:g} of the noise {noise.trace:.3g}, got "
            f"{noise.stderr:.2g} from {n} samples: give more"
        )
    gain = 1 - how.dampening * (how.momentum != 0)
    if gain == 0:
        raise ValueError(f"expected a dampening below 1, got {how.dampening:g}: no gradient enters, lower it")
    rate = how.learning_rate * gain
    law = stationary_temperature(rate, batch_size, 1.0, momentum=how.momentum) / noise.parameters
    return float(law) * Estimate(noise.trace, noise.stderr, n, n - 1)
