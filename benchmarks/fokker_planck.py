"""The Fokker-Planck equation of the double well, cooling from 1.05 to 0.05, to given errors of the density."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import solve_ivp
from scipy.sparse import diags
from scipy.special import erf

from benchmarks.workload import Case, Target, Workload
from trainphys.simulate.fokker_planck import Scheme, evolve, jump_rates
from trainphys.systems.grid import Grid
from trainphys.systems.losses import Quartic

WALL, END = 4.0, 10.0
WELL = Quartic((0.0, 0.0, -0.5, 0.0, 0.25))
Call = Callable[[], Any]


@dataclass(frozen=True)
class Floor:
    """T = 0.05 + 0.95 exp(-t): cooling to a temperature that is not zero."""

    def temperature(self, t: ArrayLike) -> np.ndarray:
        return np.asarray(0.05 + 0.95 * np.exp(-np.asarray(t, dtype=float)))

    def mobility(self, t: ArrayLike) -> np.ndarray:
        return np.ones_like(np.asarray(t, dtype=float))


COOLING = Floor()


def workloads() -> list[Workload]:
    fipy = Case("FiPy, exponential scheme, implicit Euler", "naive", lambda: _fipy(400, 400), 1, _error)
    same = Case("trainphys", "ours", lambda: lambda: ours(400, 400, "implicit-euler"), 1, _error)
    note = "Error: L1 distance of the density at the end from a run with 6,400 cells and 8,000 steps."
    scheme = Workload(
        "fokker-planck-scheme",
        "Fokker-Planck, 400 cells, 400 steps of the same scheme",
        "solution",
        [fipy, same],
        [Target(fipy.name, 1000.0)],
        rounds=3,
        note=note,
    )
    return [
        scheme,
        _to_error("2.4e-3", (200, 1e-4), (200, 120), 30.0),
        _to_error("1.5e-4", (800, 1e-4), (800, 320), 7.0),
    ]


def _to_error(name: str, peer: tuple[int, float], own: tuple[int, int], at_least: float) -> Workload:
    cells, rtol = peer
    cases = [
        Case("SciPy solve_ivp, BDF, sparse Jacobian", "peer", lambda: _solve_ivp(cells, rtol), 1, _error),
        Case("trainphys", "ours", lambda: lambda: ours(*own, "tr-bdf2"), 1, _error),
    ]
    title = f"Fokker-Planck to an error of {name}"
    return Workload(f"fokker-planck-{name}", title, "solution", cases, [Target(cases[0].name, at_least)], rounds=7)


def start(grid: Grid) -> np.ndarray:
    """Cell averages of a normal density around 1 with standard deviation 0.3."""
    edges = np.linspace(grid.left, grid.right, grid.cells + 1)
    mass = np.diff(erf((edges - 1.0) / 0.3 / np.sqrt(2)))
    return np.asarray(mass / (mass.sum() * grid.width))


def ours(cells: int, steps: int, scheme: Scheme) -> np.ndarray:
    grid = Grid(-WALL, WALL, cells)
    return evolve(WELL, start(grid), COOLING, np.linspace(0, END, steps + 1), grid, scheme=scheme).density[0]


@cache
def _reference() -> np.ndarray:
    return ours(6400, 8000, "tr-bdf2")


def _error(density: np.ndarray) -> float:
    exact = _reference().reshape(len(density), -1).mean(axis=1)
    return float(np.abs(density - exact).sum() * 2 * WALL / len(density))


def _solve_ivp(cells: int, rtol: float) -> Call:
    grid = Grid(-WALL, WALL, cells)

    def bands(t: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        up, down = jump_rates(WELL, float(COOLING.temperature(t)), 1.0, grid)
        return up, -np.append(up, 0) - np.insert(down, 0, 0), down

    def slope(t: float, p: np.ndarray) -> np.ndarray:
        up, middle, down = bands(t)
        change = middle * p
        change[1:] += up * p[:-1]
        change[:-1] += down * p[1:]
        return change

    def jacobian(t: float, p: np.ndarray) -> Any:
        return diags(bands(t), [-1, 0, 1], format="csc")

    def call() -> np.ndarray:
        settings: Any = {"method": "BDF", "rtol": rtol, "atol": rtol * 1e-3, "jac": jacobian, "t_eval": [END]}
        return np.asarray(solve_ivp(slope, (0, END), start(grid), **settings).y[:, -1])

    return call


def _fipy(cells: int, steps: int) -> Call:
    import fipy

    mesh = fipy.Grid1D(nx=cells, Lx=2 * WALL) - WALL
    density = fipy.CellVariable(mesh=mesh)
    x = np.asarray(mesh.faceCenters[0])
    temperature = fipy.Variable(1.0)
    slope = fipy.FaceVariable(mesh=mesh, rank=1, value=[x**3 - x])
    slope.setValue(0.0, where=mesh.exteriorFaces)
    spread = fipy.DiffusionTerm(coeff=temperature * fipy.FaceVariable(mesh=mesh, value=1.0))
    equation = fipy.TransientTerm() == spread + fipy.ExponentialConvectionTerm(coeff=slope)
    solver = fipy.LinearLUSolver()
    first = start(Grid(-WALL, WALL, cells))

    def call() -> np.ndarray:
        density.setValue(first)
        dt = END / steps
        for step in range(1, steps + 1):
            temperature.setValue(float(COOLING.temperature(step * dt)))
            equation.solve(var=density, dt=dt, solver=solver)
        return np.array(density.value)

    return call
