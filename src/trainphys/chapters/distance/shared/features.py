"""The eighteen features of the document's regressions, from a state and the last state of its run."""

import numpy as np

from trainphys.arrays import Array
from trainphys.xor.run_records import Records

SMALL = 1e-8  # keeps the document's ratios and logarithms finite

GROUPS: dict[str, tuple[str, ...]] = {
    "distances": ("L1", "L2", "cosine", "|p0_diff|", "|p1_diff|", "|p2_diff|"),
    "differences": ("p0_diff", "p1_diff", "p2_diff"),
    "ratios": ("p0_ratio", "p1_ratio", "p2_ratio"),
    "logarithms": ("log|p0_diff|", "log|p1_diff|", "log|p2_diff|"),
    "interactions": ("p0 x p1", "p0 x p2", "p1 x p2"),
}
NAMES = tuple(name for group in GROUPS.values() for name in group)


def feature_table(rows: Records) -> Array:
    """The features of each state, in the order of ``NAMES``, shape (rows, 18); the goal stands for the last state.

    The document counts eighteen but lists sixteen: the count is right when its "parameter-wise" distance stands for the
    three absolute differences, and that is how it is read here. Source: the document's appendix A.1.
    """
    state, goal, difference = rows.state, rows.goal, rows.error
    size = np.linalg.norm(state, axis=0) * np.linalg.norm(goal, axis=0)
    if not (size > 0).all():
        raise ValueError("expected no state at the origin, got one: its cosine distance is not defined")
    columns = [
        rows.l1,
        rows.l2,
        1.0 - (state * goal).sum(axis=0) / size,
        *np.abs(difference),
        *difference,
        *(state / (goal + SMALL)),
        *np.log(np.abs(difference) + SMALL),
        difference[0] * difference[1],
        difference[0] * difference[2],
        difference[1] * difference[2],
    ]
    return np.stack(columns, axis=1)


def columns_of(*groups: str) -> list[int]:
    """Positions of the features of some groups in the table.

    Args:
        groups: names in ``GROUPS``.

    Raises:
        ValueError: an unknown group.

    >>> columns_of("ratios")
    [9, 10, 11]
    """
    if unknown := [name for name in groups if name not in GROUPS]:
        raise ValueError(f"expected groups among {list(GROUPS)}, got {unknown}")
    return [i for i, name in enumerate(NAMES) if any(name in GROUPS[group] for group in groups)]
