"""The regressions of the table of scores that least squares can do: lines, powers, logarithms, kernels."""

from __future__ import annotations

import warnings
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import PolynomialFeatures

from trainphys.arrays import Array
from trainphys.chapters.distance.shared.protocols import Split
from trainphys.checks import at_least, positive

STILL = 1e-10  # a column that varies by less, relative to its size, is constant


def standardised(fit: Array, judge: Array) -> tuple[Array, Array]:
    """Columns with mean 0 and variance 1 on the rows of the fit; constant columns become 0.

    >>> standardised(np.array([[1.0, 5.0], [3.0, 5.0]]), np.array([[5.0, 5.0]]))[1].tolist()
    [[3.0, 0.0]]
    """
    mean, spread = fit.mean(axis=0), fit.std(axis=0)
    moving = spread > STILL * np.maximum(1.0, np.abs(mean))
    scale = np.where(moving, 1.0 / np.where(moving, spread, 1.0), 0.0)
    return (fit - mean) * scale, (judge - mean) * scale


def least_squares(fit: Array, target: Array, judge: Array) -> Array:
    """Linear regression with intercept on standardised columns.

    >>> least_squares(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0]), np.array([[3.0]])).round(9).tolist()
    [7.0]
    """
    a, b = standardised(fit, judge)
    return np.asarray(LinearRegression().fit(a, target).predict(b))


def powers(degree: int, fit: Array, target: Array, judge: Array) -> Array:
    """Least squares on each standardised feature and its powers, without products of features."""
    a, b = standardised(fit, judge)
    rise = np.arange(1, degree + 1)
    return least_squares(np.hstack([a**i for i in rise]), target, np.hstack([b**i for i in rise]))


def products(degree: int, fit: Array, target: Array, judge: Array, *, scaled: bool = True) -> Array:
    """Least squares on all products of up to ``degree`` features, standardised before or not at all."""
    a, b = standardised(fit, judge) if scaled else (fit, judge)
    expand = PolynomialFeatures(degree, include_bias=False).fit(a)
    return np.asarray(LinearRegression().fit(expand.transform(a), target).predict(expand.transform(b)))


def exponential(fit: Array, target: Array, judge: Array) -> Array:
    """exp of the linear regression of the logarithm of the target."""
    return np.exp(np.minimum(least_squares(fit, np.log(target), judge), 50.0))


def kernel_blocks(table: Array, target: Array, parts: list[Split], *, width: float, ridge: float) -> Array:
    r"""Predictions of Gaussian kernel ridge regression for each part, when that part is left out, from one factor.

    $$ \hat y_f = y_f-\bigl(G_{ff}\bigr)^{-1}(Gy)_f ,\qquad G=(K+\alpha I)^{-1},\quad
    K_{ij}=e^{-\gamma\lVert x_i-x_j\rVert^2} , $$
    and $\hat y=y-\alpha Gy$ when nothing is left out. Table and target are standardised on all rows.

    Args:
        table: features, shape (rows, columns).
        target: shape (rows,).
        parts: (fit, judge); a fit must hold every row that is not judged, or all rows.
        width: $\gamma$ as it stands in the exponent, > 0; 1/18 for eighteen columns is scikit-learn's default.
        ridge: $\alpha$, > 0.

    Returns:
        Predictions of the judged rows, part after part.

    Raises:
        ValueError: a width or ridge that is not positive, or a fit that leaves out rows that are not judged.

    Source: the block form of leave-one-out residuals, Rasmussen and Williams (2006), section 5.4.2.
    """
    positive(width=width, ridge=ridge)
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
    squares = width * (x**2).sum(axis=1)
    kernel = (2.0 * width) * (x @ x.T)
    kernel -= squares
    kernel -= squares[:, None]
    np.exp(np.minimum(kernel, 0.0, out=kernel), out=kernel)
    kernel[np.diag_indices_from(kernel)] += ridge
    return np.asarray(linalg.cholesky(kernel.T, lower=True, overwrite_a=True, check_finite=False))


def linear_kernel(fit: Array, target: Array, judge: Array, *, ridge: float, single: bool, centred: bool) -> Array:
    """Kernel ridge regression with the kernel $x\\cdot x'$, solved as written: one equation a row, rank at most 18.

    Args:
        fit, target, judge: as for every regression here.
        ridge: added to the diagonal, > 0.
        single: single precision, as on a graphics card, instead of double.
        centred: take the mean off the target; the kernel has no intercept of its own.
    """
    kind: Any = np.float32 if single else np.float64
    a, b = (z.astype(kind) for z in standardised(fit, judge))
    mean = target.mean() if centred else 0.0
    kernel = a @ a.T
    kernel[np.diag_indices_from(kernel)] += kind(ridge)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", linalg.LinAlgWarning)  # the near singular system is what is studied
        solver: Literal["gen", "pos"] = (
            "gen" if single else "pos"
        )  # in single precision the matrix is not positive any more
        dual = linalg.solve(kernel, (target - mean).astype(kind), assume_a=solver, check_finite=False)
    return np.asarray(b @ (a.T @ dual), dtype=float) + mean


def adam_scores(table: Array, target: Array, *, steps: tuple[int, ...], rate: float = 0.01) -> Array:
    """Share of variance that Adam's full-batch training of a linear model explains on its own rows, after some steps.

    The gradient of a linear model needs only the products of its columns, so that a step does not touch the rows.

    Args:
        table: columns of the model, such as ``expanded`` gives them, shape (rows, columns).
        target: shape (rows,).
        steps: numbers of steps after which to score, >= 1, rising.
        rate: Adam's, > 0; its other constants are PyTorch's defaults.

    Returns:
        One score for each entry of ``steps``. The model has a bias besides its columns, and Adam trains it with them.

    Raises:
        ValueError: steps that do not rise from 1 or later, or a rate that is not positive.

    Source: Kingma and Ba (2015), algorithm 1; weights start at zero.

    >>> adam_scores(np.array([[-1.0], [1.0]]), np.array([1.0, 3.0]), steps=(3000,)).round(6).tolist()
    [1.0]
    """
    positive(rate=rate)
    if not steps or steps[0] < 1 or list(steps) != sorted(set(steps)):
        raise ValueError(f"expected steps that rise from 1 or later, got {steps}: sort them")
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


def expanded(table: Array, degree: int, *, crossed: bool) -> Array:
    """Standardised columns with all products of up to ``degree`` of them, or with their own powers only.

    Products and powers are those of the standardised columns and are not standardised again.

    Args:
        table: columns, shape (rows, columns).
        degree: of the highest product or power, >= 1.
        crossed: products of different columns too.

    Raises:
        ValueError: no degree.

    >>> expanded(np.array([[0.0], [1.0], [2.0]]), 2, crossed=False).shape
    (3, 2)
    """
    at_least(1, degree=degree)
    x = standardised(table, table)[0]
    if crossed:
        return np.asarray(PolynomialFeatures(degree, include_bias=False).fit_transform(x))
    return np.hstack([x**i for i in range(1, degree + 1)])


def lowest_ridge_score(mean: ArrayLike, variance: ArrayLike) -> Array:
    r"""Smallest $R^2$ that ridge regression without intercept can have on the rows it was fitted to.

    $$ R^2\ge-\frac{\bar y^2}{s^2} , $$
    because zero weights, with error $\sum y^2$, are among its candidates and pay no penalty.

    Args:
        mean: $\bar y$ of the target.
        variance: $s^2$ of the target with divisor n, > 0.

    Raises:
        ValueError: a variance that is not positive.

    >>> lowest_ridge_score(3.0, 4.5).item()
    -2.0
    """
    if not (np.asarray(variance) > 0).all():
        raise ValueError(f"expected variance > 0, got {variance!r}: a constant target has no R^2")
    return np.asarray(-(np.asarray(mean, dtype=float) ** 2) / variance)
