"""Would the report's own search notice a slow region? Its data are runs that stop, measured to their own end."""

from dataclasses import replace

import numpy as np

from trainphys.chapters.distance.shared.regions import matched
from trainphys.estimate import Estimate
from trainphys.xor.configurations import TRACES, Configuration, traces
from trainphys.xor.landscape import solvable


def noticed_share(configuration: Configuration, reports: int, seed: int, delay: float = 1.0) -> Estimate:
    """Share of reports of a hundred runs in which runs that cannot reach the solution stand out as slow.

    They stand out when the report has any and they take, on average, more than ``delay`` epochs longer than other runs
    that stop, at the same distance to their own end.
    """
    done = traces(replace(configuration, logging="every state"), 3 * reports * TRACES, seed)
    kept = np.flatnonzero(done.converged & (done.epochs > 0))
    if len(kept) < (reports + 1) * TRACES:
        raise ValueError(f"expected {(reports + 1) * TRACES} runs that stop, got {len(kept)}: ask for fewer reports")
    start = done.states[0][:, kept]
    way, epochs = np.sqrt(((start - done.last[:, kept]) ** 2).sum(axis=0)), done.epochs[kept]
    trapped, size = ~solvable(start), reports * TRACES
    late = epochs[:size] - matched(way[:size], way[size:], epochs[size:])
    noticed = [
        bool(here.any()) and float(part[here].mean()) > delay
        for part, here in zip(late.reshape(-1, TRACES), trapped[:size].reshape(-1, TRACES), strict=True)
    ]
    return Estimate.from_count(sum(noticed), reports)
