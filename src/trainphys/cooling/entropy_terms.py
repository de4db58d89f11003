"""Entropy production from three averages over the density: of the slope, of the score, and of the curvature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba as nb
import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainphys.cooling.fokker_planck import Grid
from trainphys.cooling.ornstein_uhlenbeck import drift_and_diffusion, stationary_covariance
from trainphys.cooling.potentials import Potential

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class EntropyTerms:
    r"""The three averages, in nats per unit of time, and every rate that they make up.

    With the velocity of the probability $v=-\eta\nabla L-D\nabla\ln p$ and $D=\eta T$, the total is
    $\int p\,v^2/D$, which multiplies out to ``drift + spread - 2 curvature``; the cross term is the curvature after
    integration by parts. For a drift that is no gradient, read $-f/\eta$ for $\nabla L$.

    Args:
        drift: $\frac\eta T\langle|\nabla L|^2\rangle\ge0$.
        spread: $D\langle|\nabla\ln p|^2\rangle\ge0$, diffusion times Fisher information.
        curvature: $\eta\langle\nabla^2L\rangle$.

    Source: Seifert (2012), "Stochastic thermodynamics, fluctuation theorems and molecular machines", section 2.

    >>> terms = EntropyTerms(drift=4.0, spread=0.5, curvature=1.0)
    >>> terms.medium, terms.system, terms.total
    (3.0, -0.5, 2.5)
    """

    drift: Any
    spread: Any
    curvature: Any

    @property
    def medium(self) -> Any:
        r"""Heat given off, over T: $\frac\eta T\langle|\nabla L|^2\rangle-\eta\langle\nabla^2L\rangle$."""
        return self.drift - self.curvature

    @property
    def system(self) -> Any:
        r"""Rise of the entropy of the density: $D\langle|\nabla\ln p|^2\rangle-\eta\langle\nabla^2L\rangle$."""
        return self.spread - self.curvature

    @property
    def total(self) -> Any:
        """Medium and system together, never negative."""
        return self.medium + self.system

    @property
    def claimed(self) -> Any:
        """The document's full formula, drift less spread; it is medium *less* system."""
        return self.drift - self.spread

    @property
    def quench_number(self) -> Any:
        r"""$Q=\langle|\nabla L|^2\rangle/T\langle\nabla^2L\rangle$: 1 at equilibrium in any loss, large in a
        quench."""
        return self.drift / self.curvature

    @property
    def peakedness(self) -> Any:
        r"""$R=T\langle|\nabla\ln p|^2\rangle/\langle\nabla^2L\rangle\ge1/Q$: 1 at equilibrium, less for a wider
        density."""
        return self.spread / self.curvature


def well_terms(lag: ArrayLike, mobility: float, curvature: float, pull: ArrayLike = 0.0) -> EntropyTerms:
    r"""Terms of a Gaussian in a quadratic well, per dimension: $\eta k(\mu+y)$, $\eta k/y$ and $\eta k$.

    Args:
        lag: $y=k\sigma^2/T>0$, spread against the spread at equilibrium.
        mobility: $\eta>0$.
        curvature: $k>0$.
        pull: $\mu=km^2/T\ge0$, twice the loss of the mean m over the temperature.

    Raises:
        ValueError: an argument out of its range.

    >>> float(well_terms(2.0, 1.0, 1.0).total)  # eta k (y - 1)^2 / y
    0.5
    """
    y, mu = np.asarray(lag, dtype=float), np.asarray(pull, dtype=float)
    if not (y > 0).all() or (mu < 0).any() or not (mobility > 0 and curvature > 0):
        raise ValueError(f"expected lag, mobility, curvature > 0 and pull >= 0, got {y}, {mobility}, {curvature}, {mu}")
    rate = mobility * curvature
    return EntropyTerms(rate * (mu + y), rate / y, rate * np.ones_like(y))


def reheated_terms(ratio: ArrayLike, mean_laplacian: ArrayLike, mobility: float) -> EntropyTerms:
    r"""Terms just after the bath jumps from $T_0$ to T, from equilibrium in any loss of any dimension: $\eta Hx$,
    $\eta H/x$ and $\eta H$.

    The total is $\eta H(x-1)^2/x$. No state with the same quench number produces less.

    Args:
        ratio: $x=T_0/T>0$; it is the quench number.
        mean_laplacian: $H=\langle\nabla^2L\rangle_{T_0}>0$.
        mobility: $\eta>0$.

    Raises:
        ValueError: an argument that is not positive.

    >>> float(reheated_terms(2.0, 1.0, 1.0).total)
    0.5
    """
    x, h = np.asarray(ratio, dtype=float), np.asarray(mean_laplacian, dtype=float)
    if not ((x > 0).all() and (h > 0).all() and mobility > 0):
        raise ValueError(f"expected positive arguments, got {x}, {h}, {mobility}")
    return EntropyTerms(mobility * h * x, mobility * h / x, mobility * h * np.ones_like(x))


def gaussian_terms(drift: ArrayLike, diffusion: ArrayLike, mean: ArrayLike, covariance: ArrayLike) -> EntropyTerms:
    r"""Terms of a Gaussian state of $dx=-Ax\,dt+\sqrt2\,D^{1/2}dW$ in any dimension, rotational drift included.

    $$\langle x^{\mathsf T}A^{\mathsf T}D^{-1}Ax\rangle=m^{\mathsf T}A^{\mathsf T}D^{-1}Am
    +\operatorname{tr}A^{\mathsf T}D^{-1}AS,\qquad\operatorname{tr}DS^{-1},\qquad\operatorname{tr}A.$$

    Args:
        drift: A, shape (d, d); $\eta$ times the Hessian for a quadratic loss.
        diffusion: D, shape (d, d), symmetric and positive definite; $\eta T$ times the identity in a heat bath.
        mean: m, shape (d,), measured from the point without drift.
        covariance: S, shape (d, d), symmetric and positive definite.

    Raises:
        ValueError: matrices that do not fit, or a covariance that is not positive definite.

    Source: Landi, Tome and de Oliveira (2013), "Entropy production in linear Langevin systems".

    >>> still = gaussian_terms([[1.0, -0.5], [0.5, 1.0]], np.eye(2), [0, 0], np.eye(2))  # stirred: 2 omega^2 / k
    >>> float(still.total), float(still.system)
    (0.5, 0.0)
    """
    a, d = drift_and_diffusion(drift, diffusion)
    m = np.atleast_1d(np.asarray(mean, dtype=float))
    s = np.atleast_2d(np.asarray(covariance, dtype=float))
    if m.shape != (len(a),) or s.shape != a.shape or not np.allclose(s, s.T) or np.linalg.eigvalsh(s).min() <= 0:
        raise ValueError(f"expected a mean and a positive definite covariance of {len(a)} coordinates, got {m}, {s}")
    second = s + np.outer(m, m)
    return EntropyTerms(np.trace(a.T @ np.linalg.solve(d, a @ second)), np.trace(np.linalg.solve(s, d)), np.trace(a))


def housekeeping(drift: ArrayLike, diffusion: ArrayLike, mean: ArrayLike, covariance: ArrayLike) -> float:
    r"""Part of a Gaussian state's total production that upholds the stationary current, zero at detailed balance.

    $$\langle v_\infty^{\mathsf T}D^{-1}v_\infty\rangle,\qquad v_\infty=-(A-DS_\infty^{-1})\,x,$$ with the stationary
    covariance $S_\infty$. The rest of the total is the fall of the divergence from the stationary density.

    Args:
        drift: A, shape (d, d), that confines.
        diffusion: D, shape (d, d).
        mean: m, shape (d,).
        covariance: S, shape (d, d).

    Raises:
        ValueError: as ``gaussian_terms`` and ``stationary_covariance``.

    Source: Hatano and Sasa (2001); Esposito and Van den Broeck (2010) for the name and the split.

    >>> housekeeping(np.eye(2), np.eye(2), [1, 0], 2 * np.eye(2))
    0.0
    """
    a, d = drift_and_diffusion(drift, diffusion)
    b = a - d @ np.linalg.inv(stationary_covariance(a, d))
    m, s = np.atleast_1d(np.asarray(mean, dtype=float)), np.atleast_2d(np.asarray(covariance, dtype=float))
    return float(np.trace(b.T @ np.linalg.solve(d, b @ (s + np.outer(m, m)))))


def density_terms(
    potential: Potential, density: ArrayLike, temperature: float, mobility: float, grid: Grid
) -> EntropyTerms:
    r"""Terms of any density on a line, by quadrature: $\langle L'^2\rangle$, $4\int(\partial_x\sqrt p)^2dx$ and
    $\langle L''\rangle$.

    The square root keeps the Fisher information finite where the density vanishes. Second order in the cell width.

    Args:
        potential: the loss.
        density: density on the cells, >= 0, smooth on the scale of a cell.
        temperature: T > 0.
        mobility: $\eta>0$.
        grid: the cells.

    Raises:
        ValueError: a density of another shape or with negative values, or a temperature or mobility not positive.

    >>> from trainphys.cooling.fokker_planck import boltzmann
    >>> from trainphys.cooling.potentials import harmonic
    >>> grid = Grid(-9.0, 9.0, 900)
    >>> found = density_terms(harmonic(), boltzmann(harmonic(), 2.0, grid), 1.0, 1.0, grid)
    >>> round(float(found.drift), 3), round(float(found.spread), 3), round(float(found.curvature), 3)
    (2.0, 0.5, 1.0)
    """
    p = np.asarray(density, dtype=float)
    if p.shape != (grid.cells,) or p.min() < 0:
        raise ValueError(f"expected a density >= 0 on {grid.cells} cells, got shape {p.shape} and minimum {p.min()}")
    if not (temperature > 0 and mobility > 0):
        raise ValueError(f"expected temperature and mobility > 0, got {temperature} and {mobility}")
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
    """Slopes of a loss at many points, shape (points,).

    >>> from trainphys.cooling.potentials import harmonic
    >>> slopes(harmonic(2.0), [1.0, 3.0]).tolist()
    [2.0, 6.0]
    """
    out = np.asarray(points, dtype=float).copy()
    _apply(potential.slope, out, np.asarray(potential.parameters, dtype=float))
    return out


@nb.njit(error_model="numpy")
def _apply(slope, x, parameters):  # type: ignore[no-untyped-def]
    """x := slope(x), one by one."""
    for i in range(x.size):
        x[i] = slope(x[i], parameters)
