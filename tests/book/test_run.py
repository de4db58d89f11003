"""What is run with which parameters and environment, and how a failure is told; papermill itself is left out."""

import os
import re
import threading
from pathlib import Path

import nbformat
import pytest

from tests.book.by_hand import NAME, PAGE, keep, write_book
from trainphys.bend import BEND
from trainphys.book import peak
from trainphys.book import run as runner
from trainphys.book.chapters import Chapter
from trainphys.book.run import Failure
from trainphys.book.store import Run


@pytest.fixture
def chapter(tmp_path):
    return write_book(tmp_path)


def test_parameters_are_the_small_sizes_and_the_seed_that_were_asked_for(chapter, tmp_path):
    (plain,) = runner.runs([chapter])
    assert (plain.parameters, plain.folder, plain.bend) == ({}, tmp_path / "_build/runs", None)
    (small,) = runner.runs([chapter], quick=True, seed=0)
    assert small.parameters == {"draws": 5, "seed": 0}
    (seeded,) = runner.runs([chapter], seed=3)
    assert seeded.parameters == {"seed": 3}
    (bent,) = runner.runs([chapter], bend="down")
    assert (bent.folder, bent.bend) == (tmp_path / "_build/audit/down/runs", "down")
    bare = write_book(tmp_path, page=PAGE.replace("  quick: {draws: 5}\n", "").replace("seed = 0\n", ""))
    assert runner.runs([bare], quick=True)[0].parameters == {}
    with pytest.raises(ValueError, match=rf"{NAME}: expected parameters of its cell \(draws=\d+\), got seed"):
        runner.runs([bare], seed=1)


def test_given_parameters_go_over_the_small_sizes_and_keep_their_kind(chapter):
    (given,) = runner.runs([chapter], quick=True, given={"draws": 7, "seed": 2})
    assert given.parameters == {"draws": 7, "seed": 2}
    for other in ("many", 1.5, True, None, [1], {"a": 1}):
        with pytest.raises(ValueError, match=f"{NAME}: expected draws such as .*, got {re.escape(repr(other))}"):
            runner.runs([chapter], given={"draws": other})


@pytest.mark.parametrize(
    ("default", "good", "bad"),
    [(0.1, (1, 1e-7), ("a", True, [0.1])), ((4, 8), ([2], (1, 2)), (4, "4")), (None, (1, "a", [2]), ())],
)
def test_what_can_stand_for_a_default(default, good, bad):
    assert all(runner._is_like(value, default) for value in good)
    assert not any(runner._is_like(value, default) for value in bad)


def test_a_failure_names_chapter_cell_and_claims():
    assert str(Failure("a", 3, ("A1.1a", "B1.1a"), "it broke")) == "a, cell 3, claim A1.1a, B1.1a: it broke"
    assert str(Failure("a", 0, (), "it broke")) == "a, cell 0: it broke"


def environment(tmp_path, jobs=1, cluster=None, bend=None):
    """The variables that kernels get, and the configuration of IPython that they read."""
    before = dict(os.environ)
    with runner._environment(tmp_path, jobs, cluster, bend):
        found = {name: value for name, value in os.environ.items() if before.get(name) != value}
        folder = os.environ["IPYTHONDIR"]
    assert dict(os.environ) == before
    with open(f"{folder}/profile_default/ipython_kernel_config.py") as file:
        return {**found, "IPYTHONDIR": folder}, file.read()


def test_kernels_inherit_one_thread_their_share_of_the_cores_and_the_kept_runs(tmp_path, monkeypatch):
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "TRAINPHYS_WORKERS", "TRAINPHYS_CLUSTER")
    for name in (*names, "PYTHONHASHSEED", "TQDM_DISABLE", BEND, "TRAINPHYS_KEPT", "TRAINPHYS_ROOT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.setenv("PYTHONPATH", "/own")
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    found, configuration = environment(tmp_path, jobs=3)
    assert found == {
        "IPYTHONDIR": f"{tmp_path}/_build/ipython",
        "PYTHONPATH": f"{runner.SOURCES}:/own",
        "PYTHONHASHSEED": "0",
        "TQDM_DISABLE": "1",
        "TRAINPHYS_ROOT": str(tmp_path),
        "TRAINPHYS_KEPT": f"{tmp_path}/_build/kept",
        "TRAINPHYS_WORKERS": "2",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "NUMBA_NUM_THREADS": "1",
    }
    assert configuration == runner.KERNEL_CONFIG
    assert environment(tmp_path, jobs=99)[0]["TRAINPHYS_WORKERS"] == "1"
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert environment(tmp_path)[0]["TRAINPHYS_WORKERS"] == "1"
    assert environment(tmp_path, cluster="tcp://a:1")[0]["TRAINPHYS_CLUSTER"] == "tcp://a:1"


def test_bent_kernels_have_folders_of_their_own_and_share_what_the_first_way_kept(tmp_path):
    for way in ("up", "down"):
        found, configuration = environment(tmp_path, bend=way)
        assert found["IPYTHONDIR"] == f"{tmp_path}/_build/audit/{way}/ipython"
        assert found["TRAINPHYS_KEPT"] == f"{tmp_path}/_build/audit/up/kept"
        assert found[BEND] == way
        assert os.environ.get("TRAINPHYS_WORKERS", found.get("TRAINPHYS_WORKERS")) == "1"
        assert configuration == runner.KERNEL_CONFIG + runner.BENT


@pytest.fixture
def papermill(monkeypatch):
    """Papermill that writes the notebook as it was given, and remembers how it was asked."""
    asked = []

    def execute_notebook(given, done, **more):
        asked.append(
            {**more, "given": nbformat.read(given, 4), "draft": Path(done), "limit": more.pop("timeout_func")(None)}
        )
        nbformat.write(asked[-1]["given"], done)

    monkeypatch.setattr(runner.papermill, "execute_notebook", execute_notebook)
    monkeypatch.setattr(runner.kernels, "WORTH_IT", 99)
    return asked


def test_a_chapter_runs_in_its_folder_with_its_parameters_and_is_kept(chapter, tmp_path, papermill, capsys):
    (run,) = runner.runs([chapter], seed=3)
    assert runner.execute([run], jobs=1) == []
    (asked,) = papermill
    assert asked["cwd"] == str(tmp_path / "notebooks/power")
    assert asked["parameters"] == {"seed": 3}
    assert asked["kernel_name"] == "python3"
    assert 50 <= asked["limit"] <= 60
    *own, last = [cell.source for cell in asked["given"].cells]
    assert (own, last) == ([cell.source for cell in chapter.notebook.cells], peak.ASKS)
    assert run.is_done()
    assert 0 <= run.note["seconds"] < 30
    assert list((run.folder / "draft").iterdir()) == []
    assert asked["progress_bar"] is False
    assert asked["draft"].is_relative_to(run.folder / "draft")  # on one disk with the store: it is renamed into it
    assert asked["start_timeout"] > 60  # papermill's own, too short for a kernel on a busy machine
    printed = "".join(capsys.readouterr())
    assert f"ran     {NAME}  " in printed
    assert "chapters: 100%" in printed
    assert "1/1" in printed
    assert runner.execute([run], jobs=1) == []
    assert len(papermill) == 1
    assert runner.execute([run], again=True) == []
    assert len(papermill) == 2


@pytest.mark.parametrize(("now", "left"), [(110.0, 50), (158.5, 1), (171.0, 1)])
def test_each_cell_gets_what_is_left_of_the_chapters_limit(chapter, papermill, monkeypatch, now, left):
    clock = iter([100.0, now, 180.0])  # at the start, at the cell, at the end
    monkeypatch.setattr(runner.time, "perf_counter", lambda: next(clock))
    (run,) = runner.runs([chapter])
    assert runner._execute(run, "python3") == 80.0
    assert [asked["limit"] for asked in papermill] == [left]
    assert run.note["seconds"] == 80.0


def test_errors_are_failures_with_their_place(chapter, monkeypatch, capsys):
    raised = runner.PapermillExecutionError(
        4, 4, 'Claim("B1.1a"); Claim("A1.1a"); Claim("A1.1a")', "KeyError", "no", []
    )
    monkeypatch.setattr(runner.papermill, "execute_notebook", lambda *a, **k: (_ for _ in ()).throw(raised))
    (run,) = runner.runs([chapter])
    assert runner.execute([run]) == [Failure(NAME, 4, ("A1.1a", "B1.1a"), "KeyError: no")]
    assert f"failed  {NAME}" in "".join(capsys.readouterr())
    assert not run.is_done()
    dead = RuntimeError("died \n\n of " + "x" * 600)
    monkeypatch.setattr(runner.papermill, "execute_notebook", lambda *a, **k: (_ for _ in ()).throw(dead))
    (failure,) = runner.execute([run])
    assert (failure.chapter, failure.cell, failure.claims) == (NAME, 0, ())
    assert failure.error == "RuntimeError within 60 s: died of " + "x" * 492


@pytest.mark.parametrize(("jobs", "limit"), [(3, 3), (None, 2), (99, 6)])
def test_so_many_chapters_run_side_by_side(chapter, monkeypatch, jobs, limit):
    """Each waits until so many have begun, and more than that never do."""
    running, most, together = [], [], threading.Barrier(limit)

    def execute(run, kernel):
        running.append(run)
        together.wait(timeout=30)
        most.append(len(running))
        together.wait(timeout=30)
        running.remove(run)
        return 0.0

    monkeypatch.setattr(runner, "_execute", execute)
    monkeypatch.setattr(runner.kernels, "WORTH_IT", 99)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    todo = [runner.runs([chapter], seed=seed)[0] for seed in range(6)]
    assert runner.execute(todo, jobs=jobs) == []
    assert (len(most), max(most)) == (6, limit)


def test_tuples_are_lists_for_papermill():
    assert runner._jsonable({"sizes": (1, 2), "seed": 3}) == {"sizes": [1, 2], "seed": 3}


def test_a_run_that_is_kept_is_not_executed(chapter, monkeypatch):
    (run,) = runner.runs([chapter])
    keep(run)
    monkeypatch.setattr(runner, "_execute", lambda *_: pytest.fail("executed"))
    assert runner.execute([run]) == []


def test_chapters_that_never_ran_start_part_by_part_in_turn(tmp_path):
    names = ["power/1-a", "power/2-b", "cooling/1-c", "distance/1-d", "distance/2-e"]
    todo = [Run(Chapter(tmp_path, name), {}, tmp_path) for name in names]
    mixed = [run.chapter.name for run in runner._mixed(todo)]
    assert mixed == ["power/1-a", "cooling/1-c", "distance/1-d", "power/2-b", "distance/2-e"]
