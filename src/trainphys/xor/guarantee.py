r"""Is convergence guaranteed? The share of starts from which full-batch descent can reach loss zero.

On inputs $\pm1$ a full-batch run with $0<\eta\le\tfrac12$ reaches the solution exactly when it starts in the cone
$|w_1-w_2|>|b|$ (``landscape.solvable``).
"""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import not_below, positive, within
from trainphys.estimate import Estimate
from trainphys.laws.contraction import epochs_remaining
from trainphys.xor.configurations import Configuration, traces
from trainphys.xor.epoch_counts import count_epochs
from trainphys.xor.landscape import solution, solvable
from trainphys.xor.starts import draw_starts

NO_LAW = 1000  # epochs for rates of 1/2 or more, where runs jump over the ridge and no law says how long they take


def solved_share_uniform(weight: ArrayLike, bias: ArrayLike) -> Array:
    r"""Share of starts in the solvable cone, weights uniform in $\pm a$ and bias uniform in $\pm\beta$.

    With $u=\beta/2a\le1$ the difference of the weights exceeds $|b|=t$ with probability $(1-t/2a)^2$, so the share is
    $$ \frac{1-(1-u)^3}{3u} . $$ It is 1 for zero bias and 7/12 for $\beta=a$, PyTorch's default.

    Args:
        weight: half width a, > 0.
        bias: half width beta, >= 0 and at most 2a.

    Raises:
        ValueError: an argument out of range.

    >>> solved_share_uniform([1.0, 1.0], [1.0, 0.0]) * 12
    array([ 7., 12.])
    """
    [a] = positive(weight=weight)
    [u] = within(0, 1, bias_over_twice_the_weight=np.asarray(bias, dtype=float) / (2 * a))
    return np.asarray(1.0 - u + u**2 / 3.0)  # the quotient, multiplied out


def solved_share_normal(weight: ArrayLike, bias: ArrayLike) -> Array:
    r"""Share of starts in the solvable cone, weights and bias normal with standard deviations $\sigma_w$, $\sigma_b$.

    The difference of the weights and the bias are two independent normal numbers, so the share is an angle,
    $$ \frac2\pi\arctan\frac{\sqrt2\,\sigma_w}{\sigma_b} . $$

    >>> solved_share_normal(1.0, 2**0.5).round(12).item()
    0.5
    """
    [w], [b] = positive(weight=weight), not_below(0, bias=bias)
    return np.asarray(2.0 / np.pi * np.arctan2(np.sqrt(2.0) * w, b))


def converged_share(
    kind: str, *, rate: float, runs: int, seed: int, cone: bool | None = None, tolerance: float = 1e-7
) -> Estimate:
    """Share of full-batch runs on inputs of one that reach loss zero, to the tolerance.

    ``cone`` keeps only the starts inside (True) or outside (False) the solvable cone. Below a rate of 1/2 every run has
    as many epochs as the farthest start in the cone needs, and one more; from 1/2 on, 1000.

    >>> converged_share("pytorch, zero bias", rate=0.1, runs=500, seed=0).value
    1.0
    """
    starts = draw_starts(kind, runs, seed)
    if cone is not None:
        starts = starts[solvable(starts.T) == cone]
    if not len(starts):
        raise ValueError(f"expected starts {'inside' if cone else 'outside'} the cone, got none of {kind!r}")
    positive(rate=rate, tolerance=tolerance)
    longest = NO_LAW
    if rate < 0.5:  # those outside the cone get as long, though they need not converge
        farthest = np.linalg.norm(starts.T - solution(starts.T), axis=0).max()
        longest = int(epochs_remaining(farthest, rate=rate, tolerance=tolerance)) + 1
    epochs = count_epochs(starts, rate=rate, tolerance=tolerance, max_epochs=longest)
    return Estimate.from_count(int(np.isfinite(epochs).sum()), len(starts))


def solved_and_stopped(configuration: Configuration, runs: int, seed: int) -> tuple[Estimate, Estimate]:
    """Share of runs that stop by the configuration's own rule, and share of those that stop on the way to a solution.

    A run is on its way to the minimum of the cone that its last state lies in, however early its rule stops it.
    """
    done = traces(configuration, runs, seed)
    solved = solvable(done.last[:, done.converged], configuration.scales)
    return Estimate.from_count(int(done.converged.sum()), runs), Estimate.from_count(int(solved.sum()), solved.size)
