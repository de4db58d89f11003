"""Schedules searched for one aim, judged by another: the Fokker-Planck equation is run, no law is known."""

from collections.abc import Callable
from functools import cache

from trainphys.estimate import Estimate
from trainphys.simulate.schedule_search import Outcome, optimal_schedule, refined_outcome
from trainphys.systems.coolings import PiecewiseLog, Schedule
from trainphys.systems.losses import Quartic

AIMS: dict[str, Callable[[Outcome], float]] = {
    "work": lambda o: o.gradient_work,
    "loss": lambda o: o.excess_loss,
    "share": lambda o: o.upper_share,
    "entropy": lambda o: o.entropy_to_rest,  # counts what relaxation at the coldest temperature adds after the end
}


@cache
def searched_schedule(
    aim: str, loss: Quartic, duration: float, coldest: float, floor: float | None = None
) -> PiecewiseLog:
    """Best schedule found for an aim, from equilibrium at T = 1, with temperatures between ``coldest`` and one.

    ``floor`` frees the learning rate above this diffusion coefficient, as in ``optimal_schedule``.
    """
    return optimal_schedule(AIMS[aim], loss, duration, coldest, 1.0, rest=coldest, floor=floor).schedule


def value_reached(
    aim: str, loss: Quartic, schedule: Schedule, duration: float, coldest: float, cells: int = 480, steps: int = 960
) -> Estimate:
    """What a schedule comes to in an aim, from equilibrium at T = 1, on a grid finer than the search's."""
    return refined_outcome(AIMS[aim], loss, schedule, duration, 1.0, cells, steps, rest=coldest)
