"""The three averages that entropy production is made of: of Gaussian states, and of any density on a line."""

import numba as nb
import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import not_below
from trainphys.laws.entropy_rate import EntropyTerms
from trainphys.simulate.ornstein_uhlenbeck import drift_and_diffusion
from trainphys.systems.grid import Grid
from trainphys.systems.losses import Potential


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


def density_terms(
    potential: Potential, density: ArrayLike, temperature: float, mobility: float, grid: Grid
) -> EntropyTerms:
    r"""Terms of any density on a line, by quadrature: $\langle L'^2\rangle$, $4\int(\partial_x\sqrt p)^2dx$ and
    $\langle L''\rangle$.

    The square root keeps the Fisher information finite where the density vanishes. Second order in the cell width; the
    density is smooth on the scale of a cell.
    """
    [p] = not_below(0, density=density)
    x, h = grid.centres, grid.width
    slope = slopes(potential, x)
    bend = (slopes(potential, x + h / 2) - slopes(potential, x - h / 2)) / h
    spread = 4 * float((np.diff(np.sqrt(p)) ** 2).sum()) / h
    return EntropyTerms(
        mobility / temperature * float((p * slope**2).sum()) * h,
        mobility * temperature * spread,
        mobility * float((p * bend).sum()) * h,
    )


def slopes(potential: Potential, points: ArrayLike) -> Array:
    """Slopes of a loss at many points, shape (points,)."""
    out = np.asarray(points, dtype=float).copy()
    _apply(potential.slope, out, np.asarray(potential.parameters, dtype=float))
    return out


@nb.njit(error_model="numpy")
def _apply(slope, x, parameters):  # type: ignore[no-untyped-def]
    """x := slope(x), one by one."""
    for i in range(x.size):
        x[i] = slope(x[i], parameters)
