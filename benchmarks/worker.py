"""One module of benchmarks in a process of its own, on one core: ``python -m benchmarks.worker MODULE FILE``."""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.workload import run


def main(name: str, path: str) -> None:
    module: Any = importlib.import_module(f"benchmarks.{name}")
    if hasattr(module, "measure"):
        found: Any = module.measure()
    elif name == "machine":
        found = machine.describe()
    else:
        workloads = module.workloads()
        if all(workload.one_core for workload in workloads):
            os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        found = [run(workload) for workload in workloads]
    Path(path).write_text(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
