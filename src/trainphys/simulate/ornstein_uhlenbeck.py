"""Linear drift in any dimension, rotation included: means, covariances and samples without time-stepping error."""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import expm

from trainphys.arrays import Array
from trainphys.checks import positive
from trainphys.simulate._times import increasing


def ou_step(drift: ArrayLike, diffusion: ArrayLike, duration: float) -> tuple[Array, Array]:
    r"""Exact step of $dx=-Ax\,dt+\sqrt2\,D^{1/2}dW$: the matrix M of the mean and the covariance Q of the noise.

    $$M=e^{-At},\qquad Q=2\int_0^te^{-As}De^{-A^{\mathsf T}s}ds,$$ both from one matrix exponential,
    $\exp\!\left[\begin{pmatrix}-A&2D\\0&A^{\mathsf T}\end{pmatrix}h\right]$, over a share h of the time so short that
    its blocks stay of one size, and doubled from there by $Q\to MQM^{\mathsf T}+Q$.

    A is any real matrix, D symmetric and positive definite, both of shape (d, d); numbers stand for d = 1.

    Source: Van Loan (1978), "Computing integrals involving the matrix exponential".

    >>> M, Q = ou_step(1.0, 0.5, math.log(2.0))
    >>> round(float(M[0, 0]), 12), round(float(Q[0, 0]), 12)
    (0.5, 0.375)
    """
    a, d = drift_and_diffusion(drift, diffusion)
    positive(duration=duration)
    doublings = max(0, math.ceil(math.log2(max(np.abs(a).sum() * duration, 1.0))))
    n, h = len(a), duration / 2**doublings
    both = expm(np.block([[-a, 2 * d], [np.zeros((n, n)), a.T]]) * h)
    mean = both[:n, :n]
    noise = both[:n, n:] @ mean.T
    for _ in range(doublings):
        noise = mean @ noise @ mean.T + noise
        mean = mean @ mean
    return mean, (noise + noise.T) / 2


def ou_moments(
    drift: ArrayLike, diffusion: ArrayLike, mean: ArrayLike, covariance: ArrayLike, duration: float
) -> tuple[Array, Array]:
    r"""Mean and covariance a time t later: $Mm$ and $MSM^{\mathsf T}+Q$, with M and Q of ``ou_step``.

    The covariance S is symmetric and positive semi-definite: zero for a point.

    >>> mean, covariance = ou_moments(1.0, 1.0, 3.0, 0.0, 50.0)
    >>> bool(abs(mean[0]) < 1e-9), round(float(covariance[0, 0]), 9)
    (True, 1.0)
    """
    step, noise = ou_step(drift, diffusion, duration)
    m = np.atleast_1d(np.asarray(mean, dtype=float))
    s = np.atleast_2d(np.asarray(covariance, dtype=float))
    if m.shape != (len(step),) or s.shape != step.shape or not _is_symmetric(s) or _least(s) < -1e-12 * np.trace(s):
        raise ValueError(f"expected a mean and a covariance of {len(step)} coordinates, got {m} and {s}")
    return step @ m, step @ s @ step.T + noise


def rotating_drift(curvature: float, rotation: float, mobility: float = 1.0) -> Array:
    r"""Drift of a round well stirred by a rotation, $A=\eta\begin{pmatrix}k&-\omega\\\omega&k\end{pmatrix}$.

    No loss has it as its gradient unless $\omega=0$: the stationary state is Boltzmann's, with a current round it.

    >>> rotating_drift(1.0, 0.5).tolist()
    [[1.0, -0.5], [0.5, 1.0]]
    """
    positive(curvature=curvature, mobility=mobility)
    return np.asarray(mobility * np.array([[curvature, -rotation], [rotation, curvature]]))


def sample_ou(
    drift: ArrayLike, diffusion: ArrayLike, start: ArrayLike, times: ArrayLike, rng: np.random.Generator
) -> Array:
    """Particles of the linear dynamics at increasing times, shape (times, particles, d), exact for any spacing.

    They start at ``times[0]`` from ``start``, shape (particles, d).

    >>> x = sample_ou(1.0, 0.5, np.zeros((50_000, 1)), [0.0, 30.0], np.random.default_rng(0))[-1]
    >>> bool(abs(x.var() - 0.5) < 0.02)
    True
    """
    a, d = drift_and_diffusion(drift, diffusion)
    x, t = np.asarray(start, dtype=float), increasing(times)
    if x.ndim != 2 or x.shape[1] != len(a):
        raise ValueError(f"expected start of shape (particles, {len(a)}), got {x.shape}")
    states, known = [x], {}
    for h in np.diff(t).tolist():
        if h not in known:
            step, noise = ou_step(a, d, h)
            known[h] = step, np.linalg.cholesky(noise)
        step, root = known[h]
        states.append(states[-1] @ step.T + rng.standard_normal(x.shape) @ root.T)
    return np.array(states)


def drift_and_diffusion(drift: ArrayLike, diffusion: ArrayLike) -> tuple[Array, Array]:
    """Both as square matrices of one size, the diffusion symmetric and positive definite; anything else is refused."""
    a, d = (np.atleast_2d(np.asarray(m, dtype=float)) for m in (drift, diffusion))
    if a.ndim != 2 or a.shape[0] != a.shape[1] or a.shape != d.shape or not np.isfinite(a).all():
        raise ValueError(f"expected two square matrices of one size, got shapes {a.shape} and {d.shape}")
    if not _is_symmetric(d) or _least(d) <= 0:
        raise ValueError(f"expected a diffusion that is symmetric and positive definite, got {d.tolist()}")
    return a, d


def _is_symmetric(matrix: Array) -> bool:
    return np.allclose(matrix, matrix.T, atol=1e-8 * np.abs(matrix).max())


def _least(matrix: Array) -> float:
    return float(np.linalg.eigvalsh(matrix).min())
