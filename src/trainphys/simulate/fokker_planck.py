"""The density of an overdamped particle on a line: a Fokker-Planck solver that keeps mass, sign and equilibrium."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from trainphys.arrays import Array, Integers
from trainphys.checks import not_below, positive
from trainphys.simulate._fokker_planck_kernels import GAMMA, jump_rates_into, march
from trainphys.simulate._times import increasing, recorded_steps
from trainphys.systems.coolings import Schedule
from trainphys.systems.grid import Densities, Grid
from trainphys.systems.losses import Potential

Scheme = Literal["tr-bdf2", "implicit-euler"]
FEW = 10  # times: so few may be meant as moments to look at, and are looked at twice
MOVED = 0.01  # share of the mass


def evolve(
    potential: Potential,
    density: ArrayLike,
    schedule: Schedule,
    times: ArrayLike,
    grid: Grid,
    *,
    scheme: Scheme = "tr-bdf2",
    record: ArrayLike | None = None,
) -> Densities:
    r"""Solve $\partial_tp=\partial_x[\eta(L'p+T\,\partial_xp)]$ between reflecting walls.

    Finite volumes with exponentially fitted fluxes (Scharfetter-Gummel, also Chang-Cooper), second order in the cell
    width: mass is kept and $e^{-L/T}$ is stationary to rounding. In time ``"implicit-euler"`` is first order and never
    negative; ``"tr-bdf2"`` is second order and L-stable, but may undershoot zero while a sharp start relaxes.

    Args:
        potential: the loss.
        density: density at ``times[0]`` on the cells, >= 0, of mass one.
        schedule: temperature (positive at all times) and mobility.
        times: increasing times, the ends of the steps, not just moments to look at (that is ``record``).
        grid: the cells; wide enough that the walls are never felt.
        scheme: time stepping.
        record: indices into ``times``, increasing; by default the last one only.

    Raises:
        ValueError: a density that is negative or not of mass one, times that do not increase, temperatures that are not
            positive, a mobility below zero, an unknown scheme, or fewer than ten steps, where halving them moves a
            hundredth of the mass.

    Source: Scharfetter and Gummel (1969); Chang and Cooper (1970); Bank et al. (1985) for TR-BDF2.

    >>> from trainphys.systems.losses import harmonic
    >>> from trainphys.systems.coolings import quench
    >>> from trainphys.systems.grid import boltzmann
    >>> grid = Grid(-6.0, 6.0, 100)
    >>> still = boltzmann(harmonic(), 0.5, grid)
    >>> moved = evolve(harmonic(), still, quench(0.5), [0.0, 1.0], grid).density[0]
    >>> bool(np.abs(moved - still).max() < 1e-12)
    True
    """
    p = np.array(density, dtype=float)
    t = increasing(times)
    recorded = recorded_steps(t, record)
    if scheme not in ("tr-bdf2", "implicit-euler"):
        raise ValueError(f"expected scheme 'tr-bdf2' or 'implicit-euler', got {scheme!r}")
    if p.shape != (grid.cells,) or not (p.min() >= 0 and abs(p.sum() * grid.width - 1) <= 1e-8):
        raise ValueError(
            f"expected a density >= 0 of mass one on {grid.cells} cells, got shape {p.shape} and mass "
            f"{p.sum() * grid.width}: divide it by its sum times the width of a cell"
        )
    found = _march(potential, p, schedule, t, grid, scheme, recorded)
    if t.size <= FEW:
        halved = np.sort(np.append(t, (t[:-1] + t[1:]) / 2))
        _refuse_long_steps(found, _march(potential, p, schedule, halved, grid, scheme, 2 * recorded), grid, t)
    return Densities(t[recorded], found)


def _march(
    potential: Potential, p: Array, schedule: Schedule, t: Array, grid: Grid, scheme: Scheme, recorded: Integers
) -> Array:
    """Densities at the recorded times, shape (recorded, cells)."""
    second = scheme == "tr-bdf2"
    inner = t[:-1] + (GAMMA if second else 1.0) * np.diff(t)
    temperature, mobility = (
        [np.array(np.broadcast_to(f(s), s.shape), dtype=float) for s in (t, inner)]
        for f in (schedule.temperature, schedule.mobility)
    )
    positive(temperatures=np.concatenate(temperature))
    not_below(0, mobilities=np.concatenate(mobility))
    out = np.empty((recorded.size, grid.cells))
    steps = np.diff(potential.value(grid.centres))
    march(p.copy(), steps, grid.width, t, *temperature, *mobility, second, recorded, out)
    return out


def _refuse_long_steps(found: Array, finer: Array, grid: Grid, t: Array) -> None:
    moved = float((np.abs(found - finer).sum(axis=1) / 2 * grid.width).max())
    if moved > MOVED:
        raise ValueError(
            f"expected steps so short that halving them changes nothing, got {t.size - 1} that put {moved:.1%} of the "
            f"mass elsewhere: times are the ends of the steps, so give np.linspace({t[0]:g}, {t[-1]:g}, 1001), say, "
            "and as record the indices of those to keep"
        )


def jump_rates(potential: Potential, temperature: float, mobility: float, grid: Grid) -> tuple[Array, Array]:
    r"""Rates to the next cell and back, $\frac{\eta T}{h^2}B(\pm w)$ with $w=\Delta L/T$, $B(w)=w/(e^w-1)$.

    Their ratio is $e^{-w}$: the discrete walk obeys detailed balance with the Boltzmann density exactly.

    The cells have the width h, and $\Delta L$ is the rise from a centre to the next: one pair of rates for each of the
    ``cells - 1`` inner faces.

    Source: Scharfetter and Gummel (1969); Chang and Cooper (1970).

    >>> from trainphys.systems.losses import harmonic
    >>> up, down = jump_rates(harmonic(), 0.5, 1.0, Grid(0.0, 2.0, 2))  # centres 0.5 and 1.5, a rise of one
    >>> round(float(np.log(down[0] / up[0])), 12)
    2.0
    """
    positive(temperature=temperature, mobility=mobility)
    up, down = np.empty(grid.cells - 1), np.empty(grid.cells - 1)
    jump_rates_into(np.diff(potential.value(grid.centres)), grid.width, float(temperature), float(mobility), up, down)
    return up, down
