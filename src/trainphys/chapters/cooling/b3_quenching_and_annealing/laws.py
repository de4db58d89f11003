"""Entropy produced by a Gaussian state under a linear drift, rotation included: closed averages, and their integral."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.laws.entropy_rate import EntropyTerms
from trainphys.simulate.ornstein_uhlenbeck import drift_and_diffusion, ou_moments


def gaussian_terms(drift: ArrayLike, diffusion: ArrayLike, mean: ArrayLike, covariance: ArrayLike) -> EntropyTerms:
    r"""Terms of a Gaussian state of $dx=-Ax\,dt+\sqrt2\,D^{1/2}dW$ in any dimension, rotational drift included.

    $$\langle x^{\mathsf T}A^{\mathsf T}D^{-1}Ax\rangle=m^{\mathsf T}A^{\mathsf T}D^{-1}Am
    +\operatorname{tr}A^{\mathsf T}D^{-1}AS,\qquad\operatorname{tr}DS^{-1},\qquad\operatorname{tr}A.$$

    In a heat bath and a quadratic loss A is $\eta$ times the Hessian, D is $\eta T$ times the identity; the mean m is
    measured from the point without drift, and S is positive definite.

    Source: Landi, Tome and de Oliveira (2013), "Entropy production in linear Langevin systems".
    """
    a, d = drift_and_diffusion(drift, diffusion)
    m = np.atleast_1d(np.asarray(mean, dtype=float))
    s = np.atleast_2d(np.asarray(covariance, dtype=float))
    if m.shape != (len(a),) or s.shape != a.shape or not np.allclose(s, s.T) or np.linalg.eigvalsh(s).min() <= 0:
        raise ValueError(f"expected a mean and a positive definite covariance of {len(a)} coordinates, got {m}, {s}")
    second = s + np.outer(m, m)
    return EntropyTerms(np.trace(a.T @ np.linalg.solve(d, a @ second)), np.trace(np.linalg.solve(s, d)), np.trace(a))


def entropy_over(
    drift: ArrayLike, diffusion: ArrayLike, mean: ArrayLike, covariance: ArrayLike, duration: float, nodes: int = 40
) -> EntropyTerms:
    r"""Terms of a Gaussian state integrated over time, in nats, by Gauss's quadrature of ``gaussian_terms``."""
    points, weights = np.polynomial.legendre.leggauss(nodes)
    parts = []
    for at in (points + 1) / 2 * duration:
        found = gaussian_terms(drift, diffusion, *ou_moments(drift, diffusion, mean, covariance, float(at)))
        parts.append((found.drift, found.spread, found.curvature))
    return EntropyTerms(*(float(v) for v in weights @ np.array(parts) * duration / 2))
