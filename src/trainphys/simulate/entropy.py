"""Entropy production of a density on a line, and its distance from the Boltzmann density of the moment."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import rel_entr

from trainphys.arrays import Array
from trainphys.checks import not_below, positive
from trainphys.simulate.fokker_planck import jump_rates
from trainphys.systems.coolings import Schedule
from trainphys.systems.grid import Densities, Grid, boltzmann
from trainphys.systems.losses import Potential

TINY = np.finfo(float).tiny


@dataclass(frozen=True, slots=True)
class Production:
    """Entropy production rates in nats per unit of time: total = medium + system, and total >= 0."""

    total: float
    medium: float
    system: float


def production(potential: Potential, density: ArrayLike, temperature: float, mobility: float, grid: Grid) -> Production:
    r"""Entropy production rates from the net flow of probability between neighbouring cells.

    $$\dot s_{\rm tot}=\sum_iF_i\ln\frac{\text{flow forward}}{\text{flow back}},\quad
    \dot s_{\rm med}=-\frac1T\sum_iF_i\,\Delta L_i,\quad\dot s_{\rm sys}=\sum_iF_i\ln\frac{p_i}{p_{i+1}},$$
    which tend to $\int j^2/(\eta Tp)\,dx$, the heat over T, and $\dot S$ as the cells shrink. The discrete total is
    never negative. Cells below the smallest double count as holding that much: their flow is too small to matter.
    A density with negative values is refused: take ``scheme="implicit-euler"``.

    Source: Schnakenberg (1976), Rev. Mod. Phys. 48, 571.

    >>> from trainphys.systems.losses import harmonic
    >>> grid = Grid(-9.0, 9.0, 600)
    >>> hot = boltzmann(harmonic(), 2.0, grid)
    >>> round(production(harmonic(), hot, 1.0, 1.0, grid).total, 3)  # eta k (y - 1)^2 / y with y = 2
    0.5
    """
    [p] = not_below(0, density=density)
    if p.shape != (grid.cells,):
        raise ValueError(f"expected a density on {grid.cells} cells, got shape {p.shape}: take that of this grid")
    positive(temperature=temperature, mobility=mobility)
    up, down = jump_rates(potential, temperature, mobility, grid)
    flow = grid.width * (up * p[:-1] - down * p[1:])
    log = np.log(np.maximum(p, TINY))
    system = float((flow * (log[:-1] - log[1:])).sum())
    medium = float(-(flow * np.diff(potential.value(grid.centres))).sum() / temperature)
    return Production(medium + system, medium, system)


@dataclass(frozen=True, slots=True)
class EntropyHistory:
    """Rates (nats per time) and distance from equilibrium (nats) at the times of a run."""

    times: Array
    total: Array
    medium: Array
    system: Array
    divergence: Array


def history(potential: Potential, run: Densities, schedule: Schedule, grid: Grid) -> EntropyHistory:
    """Entropy production and divergence at every recorded time of a Fokker-Planck run.

    >>> from trainphys.systems.losses import harmonic
    >>> from trainphys.systems.coolings import quench
    >>> grid = Grid(-6.0, 6.0, 60)
    >>> still = Densities(np.array([0.0]), boltzmann(harmonic(), 1.0, grid)[None])
    >>> bool(history(harmonic(), still, quench(1.0), grid).total[0] < 1e-20)
    True
    """
    temperature, mobility = schedule.temperature(run.times), schedule.mobility(run.times)
    rates = [
        production(potential, p, float(T), float(eta), grid)
        for p, T, eta in zip(run.density, temperature, mobility, strict=True)
    ]
    apart = [
        divergence(p, boltzmann(potential, float(T), grid), grid) for p, T in zip(run.density, temperature, strict=True)
    ]
    total, medium, system = (np.array([getattr(r, name) for r in rates]) for name in ("total", "medium", "system"))
    return EntropyHistory(run.times, total, medium, system, np.array(apart))


def divergence(density: ArrayLike, reference: ArrayLike, grid: Grid) -> float:
    r"""Kullback-Leibler divergence $D(p\Vert q)=\int p\ln(p/q)\,dx$ in nats.

    With $q=\pi_T$ it is the free energy still to be released, over T; it vanishes exactly when no net flow is left
    (detailed balance), and no probability differs by more than $\sqrt{D/2}$ (Pinsker).

    >>> grid = Grid(0.0, 1.0, 2)
    >>> divergence([1.0, 1.0], [1.0, 1.0], grid)
    0.0
    """
    p, q = not_below(0, density=density, reference=reference)
    if p.shape != (grid.cells,) or q.shape != p.shape:
        raise ValueError(f"expected two densities on {grid.cells} cells, got shapes {p.shape} and {q.shape}")
    return float(rel_entr(p, np.maximum(q, TINY)).sum() * grid.width)


def largest_rise(rate: ArrayLike) -> float:
    r"""How far a rate is from falling all the time: its largest rise, relative to the two values it rises between.

    $$\max_{s<t}\frac{r(t)-r(s)}{r(t)+r(s)}$$ is 0 for a rate that only falls and 1 for one that rises from zero; a
    third is a doubling.

    >>> round(largest_rise([3.0, 1.0, 2.0]), 6), largest_rise([3.0, 2.0, 1.0])
    (0.333333, 0.0)
    """
    [r] = not_below(0, rate=rate)
    if r.size < 2 or not r.max() > 0:
        raise ValueError(f"expected at least two rates, one of them positive, got {r}: nothing can rise")
    lowest = np.minimum.accumulate(r)
    return float(((r - lowest) / np.maximum(r + lowest, TINY)).max())
