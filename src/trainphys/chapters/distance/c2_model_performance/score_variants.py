"""Other readings of the rows of the table of scores: how far each comes from the reported value."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from scipy import optimize

from trainphys.arrays import Array
from trainphys.chapters.distance.c2_model_performance.regressors import (
    adam_scores,
    exponential,
    kernel_blocks,
    linear_kernel,
    powers,
    powers_of,
    products,
)
from trainphys.chapters.distance.c2_model_performance.relu_regressors import relu_paths
from trainphys.chapters.distance.c2_model_performance.score_table import HIDDEN, NET_BATCH, NET_EPOCHS, RIDGE, WIDTH
from trainphys.chapters.distance.shared.data_sets import Job, data_set, on_data_sets
from trainphys.chapters.distance.shared.features import NAMES, columns_of
from trainphys.chapters.distance.shared.protocols import Predictor, variance_explained
from trainphys.chapters.distance.shared.regressors import least_squares, standardised

Variant = Callable[[Array, Array], float]  # features and epochs remaining -> score on own rows

ADAM_STEPS = (300, 1000, 3000, 10000)
DISTANCES, L2 = columns_of("distances"), NAMES.index("L2")
RECIPES = ((64, 10), (64, NET_EPOCHS), (64, 160), (16, NET_EPOCHS), (256, NET_EPOCHS))  # units a layer, epochs


def _own(model: Predictor, x: Array, y: Array) -> float:
    return variance_explained(y, model(x, y, x))


def _some(model: Predictor, columns: list[int], x: Array, y: Array) -> float:
    return _own(model, x[:, columns], y)


def _as_logarithm(columns: list[int], x: Array, y: Array) -> float:
    return _own(least_squares, x[:, columns], np.log(y))


def _of_logarithms(variant: Variant, x: Array, y: Array) -> float:
    return variant(np.log(np.abs(x) + 1e-8), y)


def _saturating(x: Array, y: Array) -> float:
    """y = a + b exp(-c d) in the L2 distance d, by least squares."""

    def curve(d: Array, a: float, b: float, c: float) -> Array:
        return np.asarray(a + b * np.exp(-c * d))

    found, _ = optimize.curve_fit(curve, x[:, L2], y, p0=(30.0, -25.0, 20.0), maxfev=5000)
    return variance_explained(y, curve(x[:, L2], *found))


def _gaussian(width: float, ridge: float, x: Array, y: Array) -> float:
    rows = np.arange(len(y))
    return variance_explained(y, kernel_blocks(x, y, [(rows, rows)], width=width, ridge=ridge))


def _neighbours(width: float, x: Array, y: Array) -> float:
    """Kernel mean of Nadaraya and Watson: neighbours vote, no equation is solved."""
    z = standardised(x, x)[0]
    squares = (z**2).sum(axis=1)
    weight = np.exp(-width * np.maximum(squares[:, None] + squares - 2 * z @ z.T, 0.0))
    return variance_explained(y, weight @ y / weight.sum(axis=1))


ALL = list(range(len(NAMES)))
# Both names fit each of these, so that each printed figure has all of them to be met by.
LOGARITHMIC: dict[str, Variant] = {
    "logarithm of epochs on all features, scored as logarithm": partial(_as_logarithm, ALL),
    "logarithm of epochs on all features, scored in epochs": partial(_own, exponential),
    "logarithm of epochs on L2, scored as logarithm": partial(_as_logarithm, [L2]),
    "logarithm of epochs on L2, scored in epochs": partial(_some, exponential, [L2]),
    "logarithm of epochs on logarithm of L2, scored as logarithm": partial(
        _of_logarithms, partial(_as_logarithm, [L2])
    ),
    "logarithm of epochs on logarithm of L2, scored in epochs": partial(
        _of_logarithms, partial(_some, exponential, [L2])
    ),
    "epochs on logarithm of L2": partial(_of_logarithms, partial(_some, least_squares, [L2])),
    "epochs on logarithms of all features": partial(_of_logarithms, partial(_own, least_squares)),
    "epochs on the three logarithms": partial(_some, least_squares, columns_of("logarithms")),
    "a + b exp(-c L2)": _saturating,
}
VARIANTS: dict[tuple[str, str], Variant] = {
    ("polynomial, degree 2", "powers of each feature"): partial(_own, partial(powers, 2)),
    ("polynomial, degree 2", "all products, not standardised"): partial(_own, partial(products, 2, scaled=False)),
    ("polynomial, degree 2", "six distances"): partial(_some, partial(products, 2), DISTANCES),
    ("polynomial, degree 2", "L2 alone"): partial(_some, partial(powers, 2), [L2]),
    ("polynomial, degree 3", "powers of each feature"): partial(_own, partial(powers, 3)),
    ("polynomial, degree 3", "six distances"): partial(_some, partial(products, 3), DISTANCES),
    ("polynomial, degree 3", "L2 alone"): partial(_some, partial(powers, 3), [L2]),
    **{("logarithmic", name): variant for name, variant in LOGARITHMIC.items()},
    ("RBF kernel", "width 1/18, ridge 1/100"): partial(_gaussian, WIDTH, RIDGE),
    ("RBF kernel", "width 1/18, ridge 1"): partial(_gaussian, WIDTH, 1.0),
    ("RBF kernel", "width 1/2, ridge 1/10"): partial(_gaussian, 0.5, 0.1),
    ("RBF kernel", "kernel mean, width 1/2"): partial(_neighbours, 0.5),
}


def variant_scores(seed: int, sets: int = 2) -> dict[tuple[str, str], Array]:
    """Scores on own rows of every variant, one a data set of the table of scores."""
    done = on_data_sets(_variants, sets=sets, seed=seed, stage="variants")
    return {key: np.array([scores[j] for scores in done]) for j, key in enumerate(VARIANTS)}


def _variants(job: Job, rng: np.random.Generator) -> list[float]:
    table, target, _ = data_set(*job)
    return [variant(table, target) for variant in VARIANTS.values()]


def recipe_scores(seed: int, sets: int = 2) -> dict[tuple[str, str], Array]:
    """Scores on own rows of both networks under each of ``RECIPES``, one a data set."""
    data = [data_set(0, i, seed)[:2] for i in range(sets)]
    problems = [(x, y, x) for x, y in data]
    found = {}
    for row, layers in HIDDEN.items():
        for units in dict.fromkeys(units for units, _ in RECIPES):
            looks, hidden = [epochs for u, epochs in RECIPES if u == units], (units,) * len(layers)
            paths = relu_paths(problems, hidden=hidden, batch=NET_BATCH, epochs=looks, seed=seed)
            for epochs, made in paths.items():
                scores = [variance_explained(y, z) for (_, y), z in zip(data, made, strict=True)]
                found[row, f"{units} units, {epochs} epochs"] = np.array(scores)
    return found


def adam_paths(seed: int, sets: int = 10) -> Array:
    """Scores on own rows of lines and polynomials after Adam's first steps, shape (degrees, steps, data sets).

    Degrees 1, 2 and 3 with the powers of each feature; steps are ``ADAM_STEPS``.
    """
    paths = []
    for index in range(sets):
        table, target, _ = data_set(0, index, seed)
        paths.append([adam_scores(powers_of(table, d), target, steps=ADAM_STEPS) for d in (1, 2, 3)])
    return np.moveaxis(np.array(paths), 0, -1)


def single_precision_scores(seed: int, sets: int = 6) -> Array:
    """The linear kernel solved as written in single precision with a ridge of a thousandth, on own rows."""
    return np.array(on_data_sets(_single_precision, sets=sets, seed=seed, stage="linear kernels"))


def _single_precision(job: Job, rng: np.random.Generator) -> float:
    x, y, _ = data_set(*job)
    return _own(partial(linear_kernel, ridge=1e-3, single=True), x, y)


def product_scores(seed: int, sets: int = 6) -> Array:
    """Scores on own rows of least squares on all products of up to 1, 2 and 3 features, shape (degrees, sets)."""
    done = on_data_sets(_products, sets=sets, seed=seed, stage="products")
    return np.array(done).T


def _products(job: Job, rng: np.random.Generator) -> list[float]:
    x, y, _ = data_set(*job)
    return [_own(partial(products, degree), x, y) for degree in (1, 2, 3)]
