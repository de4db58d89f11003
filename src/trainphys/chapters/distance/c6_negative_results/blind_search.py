"""Would the report's own search notice a slow region? Its data are runs that stop, measured to their own end."""

from dataclasses import replace

import numpy as np

from trainphys.chapters.distance.shared.regions import matched
from trainphys.estimate import Estimate
from trainphys.xor.configurations import TRACES, Configuration, traces
from trainphys.xor.landscape import solution, solvable


def noticed_share(
    configuration: Configuration, reports: int, seed: int, *, keep_lost: bool = False, delay: float = 1.0
) -> Estimate:
    """Share of reports of a hundred runs in which runs from trapped cones stand out as slow.

    They stand out when the report has any and they take, on average, more than ``delay`` epochs longer than other runs
    at the same distance; those that begin nearer or farther than all others are left out. The report keeps the runs
    that stop, and measures each to its own end. With ``keep_lost`` it keeps all, measures each to the nearest solution,
    compares with runs that arrive there, and counts the others with the epochs after which they are given up.
    """
    c = replace(configuration, logging="every state")
    done = traces(c, 3 * reports * TRACES, seed)
    start, epochs = done.states[0], done.epochs
    arrived = done.converged & solvable(done.last)
    goal = solution(start) if keep_lost else done.last
    if keep_lost:
        epochs = np.where(arrived, epochs, c.max_epochs)
    kept = np.flatnonzero((done.converged | keep_lost) & (epochs > 0))
    if len(kept) < (reports + 1) * TRACES:
        raise ValueError(f"expected {(reports + 1) * TRACES} runs that stop, got {len(kept)}: ask for fewer reports")
    way, size = np.sqrt(((start - goal) ** 2).sum(axis=0)), reports * TRACES
    judged, others = kept[:size], kept[size:]
    others = others[arrived[others]] if keep_lost else others
    late = epochs[judged] - matched(way[judged], way[others], epochs[others])
    trapped = ~solvable(start[:, judged]) & np.isfinite(late)
    noticed = [
        bool(here.any()) and float(part[here].mean()) > delay
        for part, here in zip(late.reshape(-1, TRACES), trapped.reshape(-1, TRACES), strict=True)
    ]
    return Estimate.from_count(sum(noticed), reports)
