"""Epochs of full-batch runs that may take very long: no state is kept, so that memory does not grow with time."""

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array
from trainphys.checks import at_least
from trainphys.xor.trajectories import train

LEG, PIECE = 256, 8192  # epochs and runs at a time: some 50 MB of states


def count_epochs(
    starts: ArrayLike, *, rate: float, tolerance: float, max_epochs: int, scales: tuple[float, float] = (1.0, 1.0)
) -> Array:
    """Epochs that full-batch runs take, as ``train`` counts them; infinite for one that was given up or overflowed.

    A full-batch step knows nothing of the steps before it, so a run goes on from where its last leg ended.

    >>> count_epochs([[0.9, -0.3, 0.2], [0.0, 0.0, 0.5]], rate=0.25, tolerance=1e-3, max_epochs=10**6).tolist()
    [4.0, inf]
    """
    at_least(1, max_epochs=max_epochs)
    state = np.array(starts, dtype=float)
    at_least(1, runs=len(state))
    epochs, going = np.zeros(len(state)), np.arange(len(state))
    for first in range(0, max_epochs, LEG):
        pieces = []
        for low in range(0, len(going), PIECE):
            piece = going[low : low + PIECE]
            leg = train(
                state[piece], rate=rate, tolerance=tolerance, max_epochs=min(LEG, max_epochs - first), scales=scales
            )
            # A run that stands still, in a trap or at the end of double precision, stands there for ever.
            stuck = (leg.states[-1] == leg.states[-2]).all(axis=0) | ~np.isfinite(leg.last).all(axis=0)
            epochs[piece] = np.where(leg.converged, epochs[piece] + leg.epochs, np.where(stuck, np.inf, first + LEG))
            state[piece] = leg.last.T
            pieces.append(piece[~leg.converged & ~stuck])
        going = np.concatenate(pieces)
        if not len(going):
            return epochs
    epochs[going] = np.inf
    return epochs
