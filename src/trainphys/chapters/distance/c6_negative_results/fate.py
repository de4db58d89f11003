"""How often a score orders a pair of starts rightly, of which one is trapped."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.checks import at_least, finite
from trainphys.ensemble.streams import stream
from trainphys.estimate import Estimate


def ordered_pairs(score: ArrayLike, label: ArrayLike, *, seed: int) -> Estimate:
    """Area under the ROC curve: share of pairs, one labelled and one not, in which the labelled one scores higher.

    Every state is in one pair at most, so the pairs are independent and the share has an exact interval; a tie is
    decided by a coin.

    >>> ordered_pairs([0.1, 0.2, 0.8, 0.9], [False, False, True, True], seed=0).value
    1.0
    """
    [s], y = finite(score=score), np.asarray(label, dtype=bool)
    at_least(1, labelled=int(y.sum()), unlabelled=int((~y).sum()))
    rng = stream(seed, "pairs of a labelled and an unlabelled start")
    high, low = rng.permutation(s[y]), rng.permutation(s[~y])
    n = min(len(high), len(low))
    right = np.where(high[:n] == low[:n], rng.random(n) < 0.5, high[:n] > low[:n])
    return Estimate.from_count(int(right.sum()), n)
