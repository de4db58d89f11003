"""What is given for each batch size, whatever holds it, in the order of the batch sizes."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trainphys.checks import numbers
from trainphys.estimate import Estimate


def in_order(name: str, given: Any) -> tuple[Any, ...]:
    """A list, an array, a Series or a tensor as a tuple; what has no order is refused.

    >>> in_order("power", [40.0, None])
    (40.0, nan)
    """
    held = given.tolist() if hasattr(given, "tolist") else given
    if isinstance(held, set | frozenset | Mapping) or not isinstance(held, Iterable):
        raise ValueError(f"expected {name} for each batch size, got {given!r:.99}: give a list of them")
    found = tuple(math.nan if one is None else one for one in held)
    [value] = numbers(**{name: [one.value if isinstance(one, Estimate) else one for one in found]})
    if value.ndim != 1:
        raise ValueError(f"expected one number of {name} for each batch size, got shape {value.shape}: give the means")
    return found


def by_size(name: str, given: Any, batch_sizes: Sequence[float], own: list[Any] | None) -> tuple[Any, ...]:
    """In the order in which it comes, or by its labels: the batch sizes, or the labels that these have of their own.

    >>> by_size("steps", {8: 675.0, 32: 206.0}, [32, 8], None)
    (206.0, 675.0)
    """
    labels, mapped = labels_of(given), isinstance(given, Mapping)
    found = in_order(name, list(given.values()) if mapped else given)
    if labels is None:
        return found
    sizes, once = [_plain(size) for size in batch_sizes], len(set(labels)) == len(labels)
    for wanted in (sizes, own):
        if once and wanted and set(labels) == set(wanted):
            return tuple(found[labels.index(label)] for label in wanted)
    counted = labels == list(range(len(labels)))  # what pandas makes where none were given
    if mapped or (once and not counted and set(labels) & set(sizes)):
        raise ValueError(
            f"expected {name} labelled by the batch sizes {sizes!r:.99}, got the labels {labels!r:.99}: give each "
            "batch size its own, or a list in their order"
        )
    return found


def labels_of(given: Any) -> list[Any] | None:
    """The keys of a dictionary or the index of a Series; None for what has no names.

    >>> labels_of({"8": 675.0}), labels_of([675.0])
    ([8.0], None)
    """
    index = given.keys() if isinstance(given, Mapping) else getattr(given, "index", None)
    return [_plain(label) for label in index] if isinstance(index, Iterable) else None


def _plain(label: Any) -> Any:
    """A number, also one that JSON made a text of, as the keys of its dictionaries; else what it is."""
    try:
        return float(label)
    except (TypeError, ValueError):
        return label
