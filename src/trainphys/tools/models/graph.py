"""The graph that torch keeps of a loss, for its backward pass."""

from collections.abc import Iterator
from typing import Any

import torch


def nodes(last: Any) -> Iterator[Any]:
    """All nodes of a graph, from its last one back.

    >>> x = torch.ones(1, requires_grad=True)
    >>> [type(node).__name__ for node in nodes((2 * x).grad_fn)]
    ['MulBackward0', 'AccumulateGrad']
    """
    left, seen = [last], {None}
    while left:
        one = left.pop()
        if one in seen:
            continue
        seen.add(one)
        yield one
        left += [below for below, _ in one.next_functions]


def has_own_function(last: Any) -> bool:
    """Whether a function that is written in Python is in the graph."""
    return any(isinstance(node, torch.autograd.function.BackwardCFunction) for node in nodes(last))
