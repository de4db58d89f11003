"""Execute chapters: each once, side by side, with papermill."""

import itertools
import os
import re
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import papermill
from papermill.exceptions import PapermillExecutionError
from tqdm import tqdm

from trainphys import provenance
from trainphys.bend import BEND, WAYS
from trainphys.book import kernels, peak, whole
from trainphys.book.chapters import CLAIM_ID, Chapter
from trainphys.book.store import Run
from trainphys.book.turns import Turns

SOURCES = Path(provenance.__file__).parents[1]
KERNEL_CONFIG = """\
c = get_config()
c.IPKernelApp.log_level = 50  # no line about transport and interrupts for each kernel
c.HistoryManager.enabled = False  # kernels side by side share no history
c.InteractiveShellApp.ignore_cwd = True  # a file beside the chapter is in no key, so it cannot be imported
# one thread a chapter, whatever library brings its own linear algebra
c.InteractiveShellApp.exec_lines = [
    "import numpy, scipy.linalg, threadpoolctl; threadpoolctl.threadpool_limits(1); del numpy, scipy, threadpoolctl"
]
"""
BENT = """\
c.InteractiveShellApp.exec_lines += ["import trainphys.bend; trainphys.bend.start_kernel(get_ipython())"]
"""


@dataclass(frozen=True)
class Failure:
    """Where and how a chapter stopped."""

    chapter: str
    cell: int
    claims: tuple[str, ...]
    error: str

    def __str__(self) -> str:
        claims = f", claim {', '.join(self.claims)}" if self.claims else ""
        return f"{self.chapter}, cell {self.cell}{claims}: {self.error}"


def runs(
    chapters: Iterable[Chapter],
    *,
    quick: bool = False,
    seed: int | None = None,
    bend: str | None = None,
    given: Mapping[str, Any] | None = None,
) -> list[Run]:
    """What there is to run: the chapters' defaults, their small sizes, given parameters, or laws bent one way.

    Raises:
        ValueError: a chapter has no such parameter, or one of another type.
    """
    found = []
    for chapter in chapters:
        parameters = {**((chapter.settings.get("quick") or {}) if quick else {}), **(given or {})}
        if seed is not None:
            parameters["seed"] = seed
        if unknown := sorted(set(parameters) - set(chapter.defaults)):
            known = ", ".join(f"{name}={value}" for name, value in chapter.defaults.items())
            raise ValueError(f"{chapter.name}: expected parameters of its cell ({known}), got {', '.join(unknown)}")
        for name, value in (given or {}).items():
            if not _is_like(value, chapter.defaults[name]):
                raise ValueError(f"{chapter.name}: expected {name} such as {chapter.defaults[name]!r}, got {value!r}")
        folder = chapter.root / ("_build/runs" if bend is None else f"_build/audit/{bend}/runs")
        found.append(Run(chapter, parameters, folder, bend))
    return found


def _is_like(value: Any, default: Any) -> bool:
    """Whether a value can stand for a default: a whole number for one, any number for another, a list for a list."""
    if default is None or isinstance(value, bool) or isinstance(default, bool):
        return default is None or type(value) is type(default)
    kinds = {float: (int, float), tuple: (list, tuple), list: (list, tuple)}
    return isinstance(value, kinds.get(type(default), type(default)))


def execute(
    todo: Sequence[Run], *, jobs: int | None = None, again: bool = False, cluster: str | None = None
) -> list[Failure]:
    """Execute the runs that the store does not hold (all of them with ``again``), ``jobs`` at a time, longest first.

    ``cluster`` is the address of a Dask scheduler that takes the chapters' sweeps.
    """
    todo = sorted(_mixed([run for run in todo if again or not run.is_done()]), key=Run.expected_seconds, reverse=True)
    if not todo:
        return []
    jobs = min(jobs or os.cpu_count() or 1, len(todo))
    failures = []
    with (
        _environment(todo[0].chapter.root, jobs, cluster, todo[0].bend),
        kernels.kernel_name(len(todo)) as kernel,
        ThreadPoolExecutor(jobs) as pool,
    ):
        waiting: list[Future[tuple[Run, float | Failure]]] = []
        turns = Turns(todo)
        with _ended_with(pool, waiting), tqdm(total=len(todo), desc="chapters", unit="chapter") as bar:
            for _ in todo:
                waiting.append(pool.submit(_execute_next, turns, kernel))
            for future in as_completed(waiting):
                run, outcome = future.result()
                name = run.chapter.name
                bar.write(f"failed  {name}" if isinstance(outcome, Failure) else f"ran     {name}  {outcome:.1f} s")
                if isinstance(outcome, Failure):
                    failures.append(outcome)
                bar.update()
    return failures


@contextmanager
def _ended_with(pool: ThreadPoolExecutor, waiting: Collection[Future[Any]]) -> Iterator[None]:
    """Stop at once when the block is left by Ctrl-C: no chapter begins, and those that run lose their kernels."""
    try:
        yield
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        while not all(future.done() for future in waiting):
            kernels.stop()  # more than once: a kernel may just be starting
            time.sleep(0.1)
        raise


def _mixed(todo: Sequence[Run]) -> list[Run]:
    """The parts in turn: chapters of one part share simulations, and one would wait while the other computes."""
    parts: dict[str, list[Run]] = {}
    for run in todo:
        parts.setdefault(run.chapter.name.split("/")[0], []).append(run)
    return [run for turn in itertools.zip_longest(*parts.values()) for run in turn if run is not None]


def _execute_next(turns: Turns, kernel: str) -> tuple[Run, float | Failure]:
    run = turns.take()
    try:
        return run, _execute(run, kernel)
    finally:
        turns.done(run)


def _execute(run: Run, kernel: str) -> float | Failure:
    chapter = run.chapter
    draft_folder = run.folder / "draft"
    draft_folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=draft_folder) as folder:
        given, done = Path(folder, "given.ipynb"), Path(folder, "done.ipynb")
        nbformat.write(peak.asking(chapter.notebook), given)
        start = time.perf_counter()
        deadline = start + chapter.timeout_s
        try:
            papermill.execute_notebook(
                str(given),
                str(done),
                parameters=_jsonable(run.parameters),
                cwd=str(chapter.path.parent),
                kernel_name=kernel,
                kernel_manager_class=kernels.Manager,
                progress_bar=False,
                start_timeout=120,
                # the limit is the chapter's, so each cell gets what the ones before it left
                timeout_func=lambda cell: max(1, int(deadline - time.perf_counter())),
            )
        except PapermillExecutionError as error:
            return _failure(chapter, error)
        except Exception as error:  # a kernel that died or ran out of time: report it and go on with the others
            detail = re.sub(r"\s+", " ", str(error))[:500]
            return Failure(chapter.name, 0, (), f"{type(error).__name__} within {chapter.timeout_s:.0f} s: {detail}")
        seconds = time.perf_counter() - start
        run.keep(done, seconds, peak.answered(done))
        return seconds


def _failure(chapter: Chapter, error: PapermillExecutionError) -> Failure:
    claims = tuple(sorted(set(CLAIM_ID.findall(error.source))))
    return Failure(chapter.name, int(error.cell_index), claims, f"{error.ename}: {error.evalue}")


def _jsonable(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in parameters.items()}


class _environment:
    """What every kernel inherits: settings, one thread, its share of the cores, a cluster, the folder of kept runs."""

    def __init__(self, root: Path, jobs: int, cluster: str | None, bend: str | None) -> None:
        build = root / "_build" if bend is None else root / f"_build/audit/{bend}"
        # What was kept with the laws as they are would hide that it rests on them. The first way of bending shows that;
        # what it kept serves the others.
        kept = build / "kept" if bend is None else root / f"_build/audit/{WAYS[0]}/kept"
        ipython = build / "ipython/profile_default"
        whole.write(ipython / "ipython_kernel_config.py", KERNEL_CONFIG + ("" if bend is None else BENT))
        self.new = {
            "IPYTHONDIR": str(ipython.parent),
            "PYTHONHASHSEED": "0",
            "TQDM_DISABLE": "1",  # a bar inside a chapter would be part of its output
            # the package that runs, wherever the chapter's folder and an installed copy are
            "PYTHONPATH": os.pathsep.join(filter(None, (str(SOURCES), os.environ.get("PYTHONPATH")))),
            "TRAINPHYS_ROOT": str(root),
            "TRAINPHYS_KEPT": str(kept),
            "TRAINPHYS_WORKERS": str(max(1, (os.cpu_count() or 1) // jobs)),
            "OMP_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            "NUMBA_NUM_THREADS": "1",
            **({"TRAINPHYS_CLUSTER": cluster} if cluster else {}),
            **({} if bend is None else {BEND: bend, "TRAINPHYS_WORKERS": "1"}),
        }

    def __enter__(self) -> None:
        self.old = {name: os.environ.get(name) for name in self.new}
        os.environ.update(self.new)

    def __exit__(self, *exc: object) -> None:
        for name, value in self.old.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
