"""What a probe suggests: sentences that say no more than the book has shown, each with where it was tried."""

from trainphys.estimate import Estimate
from trainphys.tools.probe.updates import Settings
from trainphys.tools.probe.values import Advice, Refused, Value, interval, missing


def on_learning_rate(how: Settings, margin: Value, batches: Value) -> Advice | Refused:
    """From the margin to the limit of stability."""
    if isinstance(margin, Refused):
        return Refused(missing("margin"))
    low, high = interval(margin)
    if low > 1:
        factor = f"{margin.value:.3g} [{low:.3g}, {high:.3g}]"
        text = f"It may grow by a factor of {factor} before descent with the exact gradient is unstable. "
    elif high < 1:
        text = (
            f"It is {1 / margin.value:.3g} times the limit of the exact gradient. A quadratic loss diverges there; the "
            "path of a network may hover at the limit while its loss still falls. To stay below, multiply the rates "
            f"by less than {low:.3g}. "
        )
    else:
        text = f"It is at the limit of the exact gradient (margin {margin.value:.3g} [{low:.3g}, {high:.3g}]). "
    if isinstance(batches, Estimate):
        text += f"Batches bring the limit down to a rate of {batches.value:.3g}."
    else:
        text += "Small batches have a lower limit: keep a distance."
    tried = "SGD with momentum on quadratic losses, and on a perceptron on digits with the exact gradient (chapter A3)"
    if not how.is_sgd:
        tried = "not in this book; full-batch Adam at its limit is in Cohen et al. (2022)"
    elif how.nesterov or how.weight_decay or how.learning_rate is None:
        tried += "; Nesterov's momentum, weight decay and groups of parameters are derived, not tried"
    return Advice(text, f"{tried}.")


def on_batch_size(how: Settings, noise_scale: Value, batch_size: int | None) -> Advice | Refused:
    """From the noise scale, which is no critical batch size."""
    if not how.is_sgd:
        return _sgd_alone(how)
    if isinstance(noise_scale, Refused):
        return Refused(missing("noise scale"))
    text = ""
    if batch_size is not None:
        low, high = (end / batch_size for end in interval(noise_scale))
        text = (
            f"The noise of a batch of {batch_size:,} is {noise_scale.value / batch_size:.3g} [{low:.3g}, {high:.3g}] "
            "times the squared gradient at this moment. "
        )
    text += (
        "This changes along a run and is not the critical batch size: measure the updates to your target at five batch "
        "sizes or more, the learning rate tuned for each, and give them to operating_point. The tuned rate grows in "
        "proportion to a small batch and levels off for a large one."
    )
    return Advice(
        text, "SGD without momentum on a noisy quadratic, softmax regression and a perceptron on digits (A1, A6, A7)."
    )


def on_cooling(how: Settings, excess_loss: Value) -> Advice | Refused:
    """From the temperature."""
    if not how.is_sgd:
        return _sgd_alone(how)
    if isinstance(excess_loss, Refused):
        return Refused(missing("excess loss"))
    low, high = interval(excess_loss)
    above = f"{excess_loss.value:.3g} [{low:.3g}, {high:.3g}]"
    text = (
        f"At rest in a quadratic valley this temperature keeps the loss {above} above its minimum; at a fixed batch "
        "size that falls in proportion to the learning rate. For a low training loss let the rate fall linearly to "
        "zero: trainphys.ShapedLR with linear_decay of trainphys.tools.schedules.shapes, the first rate tuned."
    )
    return Advice(
        text,
        "the temperature for SGD with momentum on quadratics and softmax regression on digits (B6), linear decay for "
        "SGD without momentum at a fixed batch size on networks of one hidden layer (B5).",
    )


def _sgd_alone(how: Settings) -> Refused:
    return Refused(f"expected SGD, for which the laws are shown, got {how.name}: measure, a short run at each setting")
