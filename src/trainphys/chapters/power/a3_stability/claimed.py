"""The stability matrix of document A, section 3, and the criterion that it is put to."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array, Booleans
from trainphys.laws.stability import Reading


def claimed_matrix(hessian: ArrayLike, step: float, damping: float, reading: Reading = "as written") -> Array:
    r"""The block matrix of section 3.1 in three readings, shape (2n, 2n); its eigenvalues are growth rates per update.

    ``as written`` has the blocks $H$, $0$, $-\eta_\mathrm{eff}$, $-\gamma$ (the loss does not depend on the velocity);
    ``descent sign`` has $-H$ for $H$; ``oscillator`` is the flow that was meant, with the blocks $0$, $1$,
    $-\eta_\mathrm{eff}H$, $-\gamma$. The step is $\eta_\mathrm{eff}=\eta\alpha/B_\mathrm{crit}$.

    >>> claimed_matrix(2.0, step=0.5, damping=0.1, reading="oscillator").tolist()
    [[0.0, 1.0], [-1.0, -0.1]]
    """
    h = np.atleast_2d(np.asarray(hessian, dtype=float))
    one, zero = np.eye(len(h)), np.zeros_like(h)
    if reading == "oscillator":
        return np.block([[zero, one], [-step * h, -damping * one]])
    if reading not in ("descent sign", "as written"):
        raise ValueError(f"expected 'oscillator', 'descent sign' or 'as written', got {reading!r}")
    return np.block([[h if reading == "as written" else -h, zero], [-step * one, -damping * one]])


def flow_rate(matrix: ArrayLike) -> float:
    r"""Growth rate of $\dot x=Mx$: the largest real part of an eigenvalue; stable below zero.

    >>> round(flow_rate([[0.0, 1.0], [-4.0, -1.0]]), 9)
    -0.5
    """
    return float(np.linalg.eigvals(np.asarray(matrix, dtype=float)).real.max())


def trace_determinant_says_stable(matrices: ArrayLike) -> Booleans:
    r"""The claimed criterion, $\operatorname{tr}M<0$ and $\det M>0$, for one matrix or many of shape (..., n, n)."""
    m = np.asarray(matrices, dtype=float)
    return np.asarray((np.trace(m, axis1=-2, axis2=-1) < 0) & (np.linalg.det(m) > 0))
