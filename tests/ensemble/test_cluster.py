"""Sweeps on a real Dask cluster, scheduler and workers in processes of their own: the same bytes, whatever dies."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import joblib
import numpy as np
import pytest

from tests.conftest import CHAPTER, ROOT
from trainphys.ensemble import cluster as cluster_module
from trainphys.ensemble import sweep
from trainphys.ensemble.one_task import Job
from trainphys.errors import ClusterLost

CONFIGS = list(range(12))


class Cluster:
    """A scheduler and workers on loopback, each a process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(self.file))
        self.address = self._wait_for_address()
        self.workers: list[subprocess.Popen[bytes]] = []

    def add_worker(self, source: Path | None = None, nap: float = 0.3) -> subprocess.Popen[bytes]:
        """A process that sleeps in each task, so that there is a middle of the sweep to die in."""
        space = ["--local-directory", str(self.folder), "--no-dashboard"]
        worker = self._start("worker", self.address, "--nthreads", "1", "--no-nanny", *space, source=source, nap=nap)
        self.workers.append(worker)
        return worker

    def _start(self, *arguments: str, source: Path | None = None, nap: float = 0.0) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": python_path(source), "NAP": str(nap)}
        command = [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], "--host", "127.0.0.1", *arguments[1:]]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    def _wait_for_address(self) -> str:
        for _ in range(300):
            if self.file.is_file() and (text := self.file.read_text()):
                return str(json.loads(text)["address"])
            time.sleep(0.1)
        raise TimeoutError((self.folder / "log").read_text())

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


def python_path(first: Path | None = None) -> str:
    """Other sources, if any, the tests, and where this process finds modules itself."""
    return os.pathsep.join(filter(None, (str(first or ""), str(ROOT), os.environ.get("PYTHONPATH"))))


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    monkeypatch.setenv("TRAINPHYS_KEPT", str(tmp_path / "kept"))
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    started = Cluster(tmp_path)
    yield started
    started.close()


def walk(config: int, rng: np.random.Generator) -> np.ndarray:
    """A random walk with linear algebra in it; leaves a line for each time that it is called."""
    with open(os.environ["CALLS"], "a") as calls:
        calls.write(f"{config} {os.getpid()}\n")
    time.sleep(float(os.environ.get("NAP", 0)))
    return np.cumsum(rng.standard_normal((50 + config, 40)), axis=0) @ rng.standard_normal((40, 40))


def calls() -> list[tuple[int, int]]:
    """(configuration, process) of every call so far."""
    path = Path(os.environ["CALLS"])
    return [tuple(map(int, line.split())) for line in path.read_text().splitlines()] if path.exists() else []


@functools.cache
def alone() -> str:
    """Hash of what one process on this machine gives."""
    result = joblib.hash(sweep(walk, CONFIGS, seed=1, stage="alone", workers=1, progress=False))
    Path(os.environ["CALLS"]).unlink()
    return str(result)


def on(cluster: str) -> str:
    return str(joblib.hash(sweep(walk, CONFIGS, seed=1, stage="alone", cluster=cluster, progress=False)))


def test_two_workers_give_the_bytes_of_one_process(cluster):
    expected = alone()
    cluster.add_worker(), cluster.add_worker()
    assert on(cluster.address) == expected
    assert len({process for _, process in calls()}) == 2
    assert not list((cluster.folder / "kept").glob("parts-*"))


def test_a_client_and_the_environment_choose_the_cluster_too(cluster, monkeypatch):
    from distributed import Client

    expected = alone()
    cluster.add_worker(nap=0)
    with Client(cluster.address, set_as_default=False) as client:
        assert on(client) == expected
        assert client.status == "running"  # the caller's client stays open
    monkeypatch.setenv("TRAINPHYS_CLUSTER", cluster.address)
    assert joblib.hash(sweep(walk, CONFIGS, seed=1, stage="alone", progress=False)) == expected
    assert os.getpid() not in {process for _, process in calls()}


def test_a_worker_killed_in_mid_sweep_changes_nothing(cluster):
    expected = alone()
    victim = cluster.add_worker()
    cluster.add_worker()
    killer = kill_when(victim, lambda: victim.pid in {process for _, process in calls()})
    assert on(cluster.address) == expected
    killer.join()
    assert victim.poll() == -signal.SIGKILL


@pytest.mark.usefixtures("tasks_of_this_package")
def test_a_scheduler_that_vanishes_loses_no_finished_task(cluster):
    expected = alone()
    cluster.add_worker()
    killer = kill_when(cluster.scheduler, lambda: len(list((cluster.folder / "kept").glob("parts-*/*.pkl"))) >= 4)
    with pytest.raises(ClusterLost, match="finished tasks are kept"):
        on(cluster.address)
    killer.join()
    kept = {int(path.stem) for path in (cluster.folder / "kept").glob("parts-*/*.pkl")}
    assert len(kept) >= 4
    Path(os.environ["CALLS"]).unlink()
    # Here, on this machine, and to the same bytes: only what was missing is computed.
    assert joblib.hash(sweep(walk, CONFIGS, seed=1, stage="alone", workers=1, progress=False)) == expected
    assert {config for config, _ in calls()} == set(CONFIGS) - kept


def kill_when(process: subprocess.Popen[bytes], condition: Callable[[], bool]) -> threading.Thread:
    """SIGKILL as soon as the condition is true."""

    def wait() -> None:
        while not condition():
            time.sleep(0.05)
        process.kill()
        process.wait()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_a_worker_with_other_sources_is_refused(cluster, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(ROOT / "src", other, ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "trainphys/estimate.py").open("a") as file:
        file.write("\nCHANGED = 1\n")
    cluster.add_worker(source=other)
    with pytest.raises(RuntimeError, match="install the same version"):
        on(cluster.address)


def test_an_address_where_nobody_listens_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("TRAINPHYS_KEPT", str(tmp_path))
    monkeypatch.setattr(cluster_module, "PATIENCE", "1s")
    with pytest.raises(ClusterLost, match=r"expected a Dask scheduler at tcp://127\.0\.0\.1:9"):
        sweep(walk, CONFIGS, seed=1, cluster="tcp://127.0.0.1:9", progress=False)


def test_the_runner_sends_the_sweeps_of_a_chapter_to_the_cluster(cluster, toy):
    """The task is defined in the chapter itself, and says where it ran."""
    toy.edit(
        f"notebooks/{CHAPTER}.md",
        "glue(mean=x.mean())",
        "import os\nfrom trainphys.ensemble import sweep\n"
        "def where(config, rng):\n    return os.getpid()\n"
        "print('pids', sorted(set(sweep(where, range(8), seed=0, progress=False))))\n"
        "glue(mean=x.mean())",
    )
    worker = cluster.add_worker()
    toy.succeeds("run", "--cluster", cluster.address)
    (executed,) = [path for path in toy.root.glob("_build/runs/*/*/*.ipynb") if "pids" in path.read_text("utf8")]
    assert f"pids [{worker.pid}]" in executed.read_text("utf8")


def test_the_command_for_slurm_starts_workers(tmp_path, monkeypatch):
    """The README's own lines, with sbatch and scancel that run jobs as processes of this machine."""
    (code,) = re.findall(r'python -c "\n(from dask_jobqueue.*?)"\n', (ROOT / "README.md").read_text("utf8"), re.S)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, script in {
        # the script is removed as soon as the job is accepted
        "sbatch": f'cp "$1" {tmp_path}/job; setsid bash {tmp_path}/job >/dev/null 2>&1 & echo "Submitted batch job $!"',
        "scancel": 'for job in "$@"; do kill -- -"$job"; done',
    }.items():
        (programs / name).write_text(f"#!/bin/bash\n{script}\n")
        (programs / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": python_path()}
    code = code.replace("jobs=64", "jobs=1")
    assert "jobs=1" in code
    monkeypatch.setenv("TRAINPHYS_KEPT", str(tmp_path / "kept"))
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    expected = alone()
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code],
        cwd=tmp_path,
        env={**environment, "CALLS": str(tmp_path / "calls")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as command:
        address = command.stdout.readline().split()[0]
        assert on(address) == expected
        command.communicate("\n", timeout=60)
    assert command.returncode == 0
    assert {process for _, process in calls()}.isdisjoint({os.getpid(), command.pid})


def test_a_task_that_raises_is_reported_as_it_was(cluster):
    cluster.add_worker()
    with pytest.raises(ZeroDivisionError):
        sweep(breaks, CONFIGS, seed=1, cluster=cluster.address, progress=False)


def breaks(config: int, rng: np.random.Generator) -> float:
    return 1 / (config - 3)


@pytest.fixture
def near(tmp_path, monkeypatch):
    """A cluster in this process, which starts at once."""
    from distributed import Client, LocalCluster

    monkeypatch.setenv("TRAINPHYS_KEPT", str(tmp_path / "kept"))
    with (
        LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0", local_directory=str(tmp_path)
        ) as started,
        Client(started, set_as_default=False) as client,
    ):
        yield client


def doubled(config: int, rng: np.random.Generator) -> int:
    return 2 * config


def test_a_client_of_the_callers_is_used_and_left_open(near):
    assert sweep(doubled, CONFIGS, seed=1, cluster=near, progress=False) == [2 * config for config in CONFIGS]
    assert near.status == "running"
    jobs = [Job(doubled, config, 1, "stage", index) for index, config in enumerate(CONFIGS)]
    results = cluster_module.on_cluster(jobs, near)
    first = next(results)
    assert first[1] == 2 * first[0]
    results.close()  # what is left is called back
    assert not near.futures


def test_other_sources_are_refused_by_the_worker_that_would_run_them(near, monkeypatch):
    digests = iter(["ours"])
    monkeypatch.setattr(cluster_module.provenance, "package_digest", lambda: next(digests, "theirs"))
    with pytest.raises(RuntimeError, match=r"expected the worker inproc://\S+ to have the sources of trainphys"):
        sweep(doubled, CONFIGS[:1], seed=1, cluster=near, progress=False)
