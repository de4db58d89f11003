"""Least squares on powers of features in every fold of a cross-validation, from one factorisation of each fold's rows.

A fold's rows enter the fits of all other folds. They are factored once, all powers together, and a fit sees two
triangles in place of thousands of rows. ``regressors`` has the same regressions one by one.
"""

import numpy as np

from trainphys.arrays import Array
from trainphys.chapters.distance.c2_model_performance.regressors import FAR
from trainphys.chapters.distance.shared.protocols import Split
from trainphys.chapters.distance.shared.regressors import CUT, inverse_spread, standardising

DEGREES = (1, 2, 3)


def power_regressions(table: Array, target: Array, parts: list[Split], *, ridge: float = 1e-3) -> dict[str, Array]:
    """Predictions of all judged rows, part after part, by model.

    The models are ``regressors.powers`` of each degree, by the names of the table of scores, regression of the
    logarithm of the target, ``exponential``, and ``ridge_without_intercept``. Either one part judges all rows that it
    is fitted to, or each is fitted to the rows that it does not judge.
    """
    middle, width = _middle_and_width(table)
    near = (table - middle) / width  # a column's own powers, of a size that no single row decides
    columns = np.hstack([np.ones((len(table), 1)), *_raised(near), np.log(target)[:, None], target[:, None]])
    found: dict[str, list[Array]] = {}
    for (fit, judge), triangle in zip(parts, _factors(columns, parts), strict=True):
        mean, scale = standardising(table[fit])
        one, logarithm, y = triangle[:, :1], triangle[:, -2], triangle[:, -1]
        raised = np.split(triangle[:, 1:-2], len(DEGREES), axis=1)
        z = _powers_of_line(width * scale, (middle - mean) * scale, one, raised)
        judged = (table[judge] - mean) * scale
        asked = _raised(judged)
        line, power = _solved(np.hstack(z[:1]), np.stack([y, logarithm], axis=1), one, np.hstack(asked[:1])).T
        predicted = {"linear regression": line, "log-linear": power, "exponential": np.exp(np.minimum(power, FAR))}
        for degree in DEGREES[1:]:
            [predicted[f"polynomial, degree {degree}"]] = _solved(
                np.hstack(z[:degree]), y[:, None], one, np.hstack(asked[:degree])
            ).T
        gram = z[0].T @ z[0] + ridge * np.eye(z[0].shape[1])
        predicted["linear kernel"] = judged @ np.linalg.solve(gram, z[0].T @ y)
        for name, values in predicted.items():
            found.setdefault(name, []).append(values)
    return {name: np.concatenate(values) for name, values in found.items()}


def _raised(x: Array) -> list[Array]:
    """Powers of the degrees, by products: the general power takes ten times as long."""
    return [x, x * x, x * x * x]


def _middle_and_width(table: Array) -> tuple[Array, Array]:
    """Median and interquartile range of each column; where that is nothing the standard deviation, or one."""
    low, middle, high = np.quantile(table, (0.25, 0.5, 0.75), axis=0)
    spread = table.std(axis=0)
    return middle, np.where(high > low, high - low, np.where(spread > 0, spread, 1.0))


def _factors(columns: Array, parts: list[Split]) -> list[Array]:
    """For each part a few rows that have the inner products of the rows of its fit."""
    rows = len(columns)
    if len(parts) == 1 and len(parts[0][0]) == rows:
        return [_triangle(columns)]
    judged = np.concatenate([judge for _, judge in parts])
    if not np.array_equal(np.sort(judged), np.arange(rows)) or any(len(f) + len(j) != rows for f, j in parts):
        raise ValueError(f"expected parts that judge each of {rows} rows once and are fitted to the rest: use splits")
    pieces = [_triangle(columns[judge]) for _, judge in parts]
    before, after = _running(pieces), _running(pieces[::-1])[::-1]
    return [np.vstack([a, b]) for a, b in zip(before, after, strict=True)]


def _triangle(rows: Array) -> Array:
    """At most as many rows as columns, with the inner products of all of these."""
    return np.asarray(np.linalg.qr(rows, mode="r"))


def _running(pieces: list[Array]) -> list[Array]:
    """Triangle of all pieces before each one."""
    found = [np.zeros((1, pieces[0].shape[1]))]
    for piece in pieces[:-1]:
        found.append(_triangle(np.vstack([found[-1], piece])))
    return found


def _powers_of_line(slope: Array, shift: Array, one: Array, raised: list[Array]) -> list[Array]:
    """Powers of slope x + shift, from those of x."""
    x, x2, x3 = raised
    return [
        slope * x + shift * one,
        slope**2 * x2 + 2 * slope * shift * x + shift**2 * one,
        slope**3 * x3 + 3 * slope**2 * shift * x2 + 3 * slope * shift**2 * x + shift**3 * one,
    ]


def _solved(columns: Array, targets: Array, one: Array, asked: Array) -> Array:
    """Least squares with intercept on standardised columns: predictions at the rows asked, one column a target."""
    rows = float((one**2).sum())
    centre, mean = (one.T @ columns) / rows, (one.T @ targets) / rows
    columns = columns - one * centre
    scale = inverse_spread(centre[0], np.sqrt((columns**2).sum(axis=0) / rows))
    weights = np.linalg.lstsq(columns * scale, targets - one * mean, rcond=CUT)[0]
    return np.asarray((asked - centre) * scale @ weights + mean)
