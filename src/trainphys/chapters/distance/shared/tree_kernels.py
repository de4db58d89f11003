"""Growing one regression tree from sorted columns, compiled: scikit-learn's search, draw for draw and sum for sum.

Source: scikit-learn 1.9, ``sklearn/tree/_splitter.pyx``, ``_criterion.pyx`` and ``_tree.pyx``.
"""

from typing import Any

import numba as nb
import numpy as np

SMALLEST = np.float32(1e-7)  # neighbours that differ by no more are not parted
PURE = float(np.finfo(float).eps)  # a variance that is not split any more
FIRST_SEED = np.uint32(1)


@nb.njit(error_model="numpy")
def value_of_rows(columns: Any, feature: Any, threshold: Any, child: Any, other: Any, value: Any) -> Any:
    found = np.empty(columns.shape[1])
    for row in range(len(found)):
        node = 0
        while feature[node] >= 0:
            node = child[node] if columns[feature[node], row] <= threshold[node] else other[node]
        found[row] = value[node]
    return found


@nb.njit(error_model="numpy")
def grow(
    columns: Any, order: Any, samples: Any, target: Any, weight: Any, most: int, leaf: int, state: Any,
    features: Any, constants: Any, left: Any, stack: Any, spreads: Any,
    feature: Any, threshold: Any, child: Any, other: Any, value: Any, gain: Any,
) -> Any:  # fmt: skip
    """Fill the nodes, depth first, left before right, and what each column gains; gives the number of nodes.

    ``order`` has the rows sorted by each column, ``samples`` in the order in which a node adds them up; both are
    changed. ``state`` is the state of the shuffle of columns. The five in the second line are room to work in.
    """
    count, waiting = 0, 1
    stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3], stack[0, 4] = 0, len(samples), 0, -1, 0
    while waiting:
        waiting -= 1
        start, end, level, parent, known = stack[waiting]
        total, heft, squares = _sums(samples[start:end], target, weight)
        spread = spreads[waiting] if level else squares / heft - (total / heft) ** 2
        node, count = count, count + 1
        if parent >= 0:  # the left child comes first
            if child[parent] == 0:
                child[parent] = node
            else:
                other[parent] = node
        value[node] = total / heft
        if level >= most or end - start < 2 or end - start < 2 * leaf or spread <= PURE:
            continue
        best, cut, place, known, state, last = _best_split(
            columns, order, start, end, target, weight, total, heft, leaf, features, constants, known, state
        )
        if last >= 0:
            _copy(samples[start:end], order[last, start:end])
        if best < 0:
            continue
        _deal_samples(samples, start, end, columns[best], cut, left)
        place += start
        low, light, part = _sums(samples[start:place], target, weight)
        high, heavy = total - low, heft - light
        below, above = part / light - (low / light) ** 2, (squares - part) / heavy - (high / heavy) ** 2
        if spread - heavy / heft * above - light / heft * below + PURE < 0:
            continue
        feature[node], threshold[node] = best, cut
        gain[best] += heft * spread - light * below - heavy * above
        if level + 1 < most and (below > PURE or above > PURE):
            for i in range(known, len(features)):
                _deal(order[features[i], start:end], left)
        for first, beyond, rest in ((place, end, above), (start, place, below)):
            at = stack[waiting]
            at[0], at[1], at[2], at[3], at[4], spreads[waiting] = first, beyond, level + 1, node, known, rest
            waiting += 1
    return count


@nb.njit(error_model="numpy")
def _best_split(
    columns: Any, order: Any, start: int, end: int, target: Any, weight: Any, total: float, heft: float, leaf: int,
    features: Any, constants: Any, known: int, state: Any,
) -> Any:  # fmt: skip
    """Column, threshold and number of rows to the left of the best split, columns in the order of a shuffle.

    Columns that are constant in a node stay so below it: ``features`` begins with those ``known``. Gives also their new
    number, the state of the shuffle, and the column that was looked at last.
    """
    rest, drawn, found = len(features), 0, 0
    gain, best, cut, place, last = -np.inf, -1, 0.0, 0, -1
    while rest > known + found:
        state = _next(state)
        at = drawn + int(state & np.uint32(0x7FFFFFFF)) % (rest - found - drawn)
        if at < known:
            features[drawn], features[at] = features[at], features[drawn]
            drawn += 1
            continue
        at += found
        f = last = features[at]
        rows, values = order[f, start:end], columns[f]
        if values[rows[-1]] <= values[rows[0]] + SMALLEST:
            features[at], features[known + found] = features[known + found], features[at]
            found += 1
            continue
        rest -= 1
        features[rest], features[at] = features[at], features[rest]
        better, here, middle = _scan(values, rows, target, weight, total, heft, leaf, gain)
        if here > 0:
            gain, best, cut, place = better, f, middle, here
    _copy(features[:known], constants[:known])
    _copy(constants[known : known + found], features[known : known + found])
    return best, cut, place, known + found, state, last


@nb.njit(error_model="numpy")
def _scan(
    values: Any, rows: Any, target: Any, weight: Any, total: float, heft: float, leaf: int, gain: float
) -> Any:  # fmt: skip
    """The split of sorted rows that gains most, if it gains more than another did; it is 0 if none does."""
    n, low, light, done = len(rows), 0.0, 0.0, 0
    p, place, middle = 0, 0, 0.0
    while True:
        p += 1
        while p < n and values[rows[p]] <= values[rows[p - 1]] + SMALLEST:
            p += 1
        if p >= n:
            return gain, place, middle
        if p < leaf or n - p < leaf:
            continue
        if p - done <= n - p:
            for q in range(done, p):
                low += weight[rows[q]] * target[rows[q]]
                light += weight[rows[q]]
        else:
            low, light = total, heft
            for q in range(n - 1, p - 1, -1):
                low -= weight[rows[q]] * target[rows[q]]
                light -= weight[rows[q]]
        done = p
        high = total - low
        reached = low * low / light + high * high / (heft - light)
        if reached > gain:
            gain, place, middle = reached, p, values[rows[p - 1]] / 2.0 + values[rows[p]] / 2.0


@nb.njit(error_model="numpy")
def _sums(rows: Any, target: Any, weight: Any) -> Any:
    """Sum of the targets, of the weights and of the squares."""
    total, heft, squares = 0.0, 0.0, 0.0
    for row in rows:
        share = weight[row] * target[row]
        total += share
        squares += share * target[row]
        heft += weight[row]
    return total, heft, squares


@nb.njit(error_model="numpy")
def _deal_samples(samples: Any, start: int, end: int, values: Any, cut: float, left: Any) -> None:
    """Rows up to the threshold first, by swaps; and mark them."""
    while start < end:
        row = samples[start]
        left[row] = values[row] <= cut
        if left[row]:
            start += 1
        else:
            end -= 1
            samples[start], samples[end] = samples[end], samples[start]


@nb.njit(error_model="numpy")
def _deal(rows: Any, left: Any) -> None:
    """Marked rows first, each side in its old order."""
    kept, others, right = 0, 0, np.empty(len(rows), rows.dtype)
    for row in rows:
        if left[row]:
            rows[kept] = row
            kept += 1
        else:
            right[others] = row
            others += 1
    _copy(rows[kept:], right[:others])


@nb.njit(error_model="numpy")
def _copy(to: Any, values: Any) -> None:
    """``to[:] = values``, which takes seconds to compile: numba would bring the text of its error along."""
    for i in range(len(values)):
        to[i] = values[i]


@nb.njit(error_model="numpy")
def _next(state: Any) -> Any:
    """Marsaglia's shift register, as scikit-learn draws columns."""
    x = state if state != 0 else FIRST_SEED
    x ^= np.uint32(x << np.uint32(13))
    x ^= np.uint32(x >> np.uint32(17))
    return np.uint32(x ^ np.uint32(x << np.uint32(5)))
