"""The regressions of the table of scores that least squares can do: powers, products, logarithms, kernels."""

from typing import Any

import numpy as np
from scipy import linalg
from sklearn.preprocessing import PolynomialFeatures

from trainphys.arrays import Array
from trainphys.chapters.distance.shared.protocols import Split
from trainphys.chapters.distance.shared.regressors import least_squares, solved, standardised

FAR = 50.0  # largest exponent of a prediction


def powers(degree: int, fit: Array, target: Array, judge: Array) -> Array:
    """Least squares on each standardised feature and its powers, without products of features."""
    a, b = standardised(fit, judge)
    rise = np.arange(1, degree + 1)
    return least_squares(np.hstack([a**i for i in rise]), target, np.hstack([b**i for i in rise]))


def products(degree: int, fit: Array, target: Array, judge: Array, *, scaled: bool = True) -> Array:
    """Least squares on all products of up to ``degree`` features, standardised before or not at all."""
    a, b = standardised(fit, judge) if scaled else (fit, judge)
    expand = PolynomialFeatures(degree, include_bias=False).fit(a)
    columns = expand.transform(a)
    return solved(columns, target, columns if judge is fit else expand.transform(b))


def exponential(fit: Array, target: Array, judge: Array) -> Array:
    """exp of the linear regression of the logarithm of the target."""
    return np.exp(np.minimum(least_squares(fit, np.log(target), judge), FAR))


def kernel_blocks(table: Array, target: Array, parts: list[Split], *, width: float, ridge: float) -> Array:
    r"""Predictions of Gaussian kernel ridge regression for each part, when that part is left out, from one factor.

    $$ \hat y_f = y_f-\bigl(G_{ff}\bigr)^{-1}(Gy)_f ,\qquad G=(K+\alpha I)^{-1},\quad
    K_{ij}=e^{-\gamma\lVert x_i-x_j\rVert^2} , $$
    and $\hat y=y-\alpha Gy$ when nothing is left out. Table and target are standardised on all rows; a fit must hold
    every row that is not judged, or all rows. Predictions come part after part.

    Source: the block form of leave-one-out residuals, Rasmussen and Williams (2006), section 5.4.2.
    """
    rows, mean = len(target), target.mean()
    for fit, judge in parts:
        if len(fit) < rows and not np.array_equal(np.union1d(fit, judge), np.arange(rows)):
            raise ValueError(
                f"expected every row of {rows} in the fit or judged, got {len(fit)} and {len(judge)}: add the rest"
            )
    held = [judge for fit, judge in parts if len(fit) < rows]
    last = np.unique(np.concatenate(held)) if held else np.arange(0)  # come last: their block of G needs no other row
    order = np.concatenate([np.setdiff1d(np.arange(rows), last), last])
    factor = _kernel_factor(standardised(table, table)[0][order], width, ridge)
    dual = np.empty(rows)
    dual[order] = linalg.cho_solve((factor, True), (target - mean)[order], check_finite=False)
    block = (
        linalg.lapack.dpotri(factor[rows - len(last) :, rows - len(last) :], lower=True)[0] if held else factor[:0, :0]
    )
    block = np.tril(block) + np.tril(block, -1).T
    found = []
    for fit, judge in parts:
        if len(fit) == rows:
            found.append(target[judge] - ridge * dual[judge])
        else:
            at = np.searchsorted(last, judge)
            found.append(target[judge] - np.linalg.solve(block[np.ix_(at, at)], dual[judge]))
    return np.concatenate(found)


def _kernel_factor(x: Array, width: float, ridge: float) -> Array:
    """Lower Cholesky factor of K + ridge; the kernel is made and factored in one place, without copies."""
    squares, one = width * (x**2).sum(axis=1)[:, None], np.ones((len(x), 1))
    kernel = np.hstack([2.0 * width * x, -squares, one]) @ np.hstack([x, one, -squares]).T  # less the squares' sum
    np.exp(np.minimum(kernel, 0.0, out=kernel), out=kernel)
    kernel[np.diag_indices_from(kernel)] += ridge
    return np.asarray(linalg.cholesky(kernel.T, lower=True, overwrite_a=True, check_finite=False))


def ridge_without_intercept(fit: Array, target: Array, judge: Array, *, ridge: float = 1e-3) -> Array:
    """Ridge regression on standardised columns through the origin: kernel ridge for the kernel $x\\cdot x'$."""
    a, b = standardised(fit, judge)
    return np.asarray(b @ np.linalg.solve(a.T @ a + ridge * np.eye(a.shape[1]), a.T @ target))


def kernel_mean(fit: Array, target: Array, judge: Array) -> Array:
    """Mean of the targets, weighted by the kernel $x\\cdot x'$ of the features as they are, after Nadaraya and Watson.

    Weights of both signs may add up to nearly nothing.
    """
    return np.asarray((judge @ (fit.T @ target)) / (judge @ fit.sum(axis=0)))


def linear_kernel(fit: Array, target: Array, judge: Array, *, ridge: float, single: bool) -> Array:
    """Kernel ridge regression with the kernel $x\\cdot x'$, solved as written: one equation a row, rank at most 18.

    Single precision is that of a graphics card.
    """
    kind: Any = np.float32 if single else np.float64
    a, b = (z.astype(kind) for z in standardised(fit, judge))
    kernel = a @ a.T
    kernel[np.diag_indices_from(kernel)] += kind(ridge)
    if single:  # the matrix is not positive any more; nobody asks how near singular it is: that is what is studied
        dual = linalg.lapack.sgesv(kernel.T, target.astype(kind), overwrite_a=True)[2]
    else:
        dual = linalg.solve(kernel, target, assume_a="pos", check_finite=False)
    return np.asarray(b @ (a.T @ dual), dtype=float)


def adam_scores(table: Array, target: Array, *, steps: tuple[int, ...], rate: float = 0.01) -> Array:
    """Share of variance that Adam's full-batch training of a linear model explains on its own rows, after some steps.

    The gradient of a linear model needs only the products of its columns, so that a step does not touch the rows. The
    model has a bias besides its columns, and Adam trains it with them; its other constants are PyTorch's defaults.

    Source: Kingma and Ba (2015), algorithm 1; weights start at zero.

    >>> adam_scores(np.array([[-1.0], [1.0]]), np.array([1.0, 3.0]), steps=(3000,)).round(6).tolist()
    [1.0]
    """
    x = np.hstack([np.ones((len(table), 1)), table])
    gram, cross, square = x.T @ x / len(x), x.T @ target / len(x), float((target**2).mean())
    w, m, v = (np.zeros(len(gram)) for _ in range(3))
    scores = []
    for step in range(1, max(steps) + 1):
        g = 2.0 * (gram @ w - cross)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        w = w - rate * m / (1 - 0.9**step) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
        if step in steps:
            scores.append(1.0 - (w @ gram @ w - 2.0 * w @ cross + square) / float(target.var()))
    return np.array(scores)


def powers_of(table: Array, degree: int) -> Array:
    """Standardised columns and their own powers up to ``degree``, which are not standardised again."""
    x = standardised(table, table)[0]
    return np.hstack([x**i for i in range(1, degree + 1)])
