"""Run the benchmarks, write benchmarks/results.json, and print what was reached."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import click
from tabulate import tabulate

RESULTS = Path(__file__).with_name("results.json")
WORKLOADS = ("trajectories", "langevin", "fokker_planck", "curvature", "gradient_noise", "large", "replicas", "sweeps")
GROWTH = ("growth", "growth_torch")
# One thread in every library: ratios of one core are what is reported.
ENVIRONMENT = {
    **{f"{name}_NUM_THREADS": "1" for name in ("OMP", "MKL", "NUMBA")},
    "JAX_PLATFORMS": "cpu",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, type=click.Choice([*WORKLOADS, *GROWTH]))
def main(names: tuple[str, ...]) -> None:
    """Time NAMES (all by default) and write the results beside those that are there.

    Each module runs in a process of its own: cases in turn, ratios round by round. Peers come from the optional extra
    ``peers``; one that does not run is reported as such.
    """
    whole = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    machine = {**_in_own_process("machine"), "date": datetime.date.today().isoformat()}
    results = whole.setdefault(machine["processor"], {})  # those of other processors stay beside
    results["machine"] = machine
    for name in names or (*WORKLOADS, *GROWTH):
        found = _in_own_process(name)
        results.setdefault("growth" if name in GROWTH else "workloads", {})[name] = found
        RESULTS.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", "utf8")
        for workload in found if name in WORKLOADS else []:
            _print(workload)
    click.echo(f"\nWritten to {RESULTS.name}; make book draws the page How fast from it.")


def _in_own_process(name: str) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "results.json")
        command = [sys.executable, "-m", "benchmarks.worker", name, str(path)]
        subprocess.run(command, check=True, env={**os.environ, **ENVIRONMENT})
        return json.loads(path.read_text())


def _print(workload: dict[str, Any]) -> None:
    click.echo(f"\n{workload['title']} ({workload['clock']})")
    cases = [
        (case["name"], f"FAILED {case['failure']}"[:60], "", "")
        if case["failure"]
        else (case["name"], *_figures(case, workload["unit"]))
        for case in workload["cases"]
    ]
    click.echo(tabulate(cases, headers=["", "rate", "spread", "error"], tablefmt="simple"))
    for target in workload["targets"]:
        if target["ratio"] is None:
            click.echo(f"  against {target['against']}: not measured")
            continue
        word = "reached" if target["reached"] else "NOT REACHED"
        click.echo(
            f"  {target['case']}: {target['ratio']:.3g} times {target['against']}"
            f" (wanted {target['at_least']:.3g}): {word}"
        )


def _figures(case: dict[str, Any], unit: str) -> tuple[str, str, str]:
    times = case["seconds_per_unit"]
    error = "" if case["error"] is None else f"{case['error']:.1e}"
    return f"{1 / case['median']:.3g} {unit}/s", f"{min(times) / max(times):.2f}", error


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
