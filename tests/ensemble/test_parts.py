"""What an interrupted sweep leaves on disk, and when the next one trusts it."""

import functools
import hashlib
import os
import re
import sys
import types
from pathlib import Path

import joblib
import numpy as np
import pytest
import threadpoolctl

from trainphys import provenance
from trainphys.ensemble import checked_file, kept, one_task, streams
from trainphys.ensemble import sweep as sweep_function
from trainphys.ensemble.parts import Parts

SWEEP = sys.modules["trainphys.ensemble.sweep"]  # the package has a function of that name
CONFIGS = [3, 1, 4, 1, 5]
calls: list[int] = []
pytestmark = pytest.mark.usefixtures("tasks_of_this_package")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TRAINPHYS_KEPT", str(tmp_path / "kept"))
    monkeypatch.delenv("TRAINPHYS_CLUSTER", raising=False)
    calls.clear()
    return tmp_path / "kept"


def remembered(config: int, rng: np.random.Generator) -> float:
    calls.append(config)
    return config + float(rng.random())


def scaled(factor: float, config: int, rng: np.random.Generator, *, shift: float = 0.0) -> float:
    return factor * config + shift


def sweep(task, configs=CONFIGS, **more):
    return sweep_function(task, configs, **{"seed": 1, "workers": 1, "progress": False, **more})


def test_an_interrupted_sweep_goes_on_where_it_stopped(folder, monkeypatch):
    whole = sweep(remembered)
    assert not list(folder.glob("parts-*"))
    calls.clear()
    run = one_task.run

    def interrupted(job):
        if len(calls) == 2:
            raise KeyboardInterrupt
        return run(job)

    monkeypatch.setattr(SWEEP, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sweep(remembered)
    (kept,) = folder.glob("parts-*")
    assert sorted(path.name for path in kept.iterdir()) == ["0.pkl", "1.pkl"]
    monkeypatch.undo()
    monkeypatch.setenv("TRAINPHYS_KEPT", str(folder))
    calls.clear()
    assert sweep(remembered) == whole
    assert calls == CONFIGS[2:]
    assert not kept.exists()


def key(task=remembered, configs=CONFIGS, seed=1, stage="sweep"):
    return Parts(task, configs, seed, stage).folder


def test_parts_are_of_one_task_its_configurations_seed_and_stage():
    others = [
        key(scaled),
        key(configs=CONFIGS[1:]),
        key(configs=[*CONFIGS[:-1], 6]),
        key(seed=2),
        key(stage="other"),
        key(functools.partial(scaled, 2.0)),
        key(functools.partial(scaled, 3.0)),
        key(functools.partial(scaled, 2.0, shift=1.0)),
        key(functools.partial(functools.partial(scaled, 2.0), shift=2.0)),
    ]
    assert len({key(), *others}) == 1 + len(others)
    assert key(configs=tuple(CONFIGS)) == key()


def test_the_code_behind_a_task_and_its_configurations_is_in_the_key():
    asked = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provenance, "source_digest", lambda modules: asked.append(modules) or str(len(asked)))
        assert key(configs=[streams.stream]) != key(configs=[streams.stream])
    assert asked == [[__name__, "trainphys.ensemble.streams"]] * 2


def closure(factor):
    def task(config, rng):
        if factor == 1 and config == CONFIGS[-1]:
            raise KeyboardInterrupt
        return factor * config

    return task


def of_module(name):
    """A function that says that it is of a module, and is found there."""

    def make(factor):
        task = closure(factor)
        task.__module__, task.__qualname__ = name, "task"
        sys.modules[name].task = task
        return task

    return make


MAKE = {"closure": closure, "script": of_module("__main__"), "module of the user's own": of_module("own_helpers")}


@pytest.fixture(params=MAKE)
def unknown(request, monkeypatch):
    monkeypatch.setitem(sys.modules, "own_helpers", types.ModuleType("own_helpers"))
    monkeypatch.setattr(sys.modules["__main__"], "task", None, raising=False)
    return MAKE[request.param]


def test_a_sweep_that_stopped_never_goes_on_with_another_computation(unknown):
    """The same name and source, but another value that it closes over or reads, or a module edited meanwhile."""
    with pytest.raises(KeyboardInterrupt):
        sweep(unknown(1))
    assert sweep(unknown(100)) == [100 * config for config in CONFIGS]


def test_what_no_key_can_stand_for_is_not_kept(unknown, folder):
    for task, configs in ((unknown(1), [1]), (functools.partial(scaled, unknown(1)), [1]), (scaled, [unknown(1)])):
        parts = Parts(task, configs, 1, "sweep")
        assert (parts.folder, parts.found(5)) == (None, {})
        parts.keep(0, 1.0)
        parts.remove()
    assert not folder.exists() or not list(folder.iterdir())
    with pytest.raises(ValueError, match=r"expected parameters of .* that bring no code from elsewhere"):
        kept(streams.stream, seed=1, stage=unknown(1))


def test_what_the_code_of_before_an_edit_computes_is_not_kept(folder, monkeypatch):
    """The file says one thing already, and the process still does another."""
    assert key(streams.stream) is not None
    path = Path(streams.__file__)
    monkeypatch.setitem(provenance._AT_START, path, path.stat().st_mtime_ns - 1)
    assert key(streams.stream) is None
    kept(streams.stream, seed=1, stage=1)
    assert not list(folder.glob("*.pkl"))
    monkeypatch.undo()
    monkeypatch.setenv("TRAINPHYS_KEPT", str(folder))
    kept(streams.stream, seed=1, stage=1)
    assert len(list(folder.glob("*.pkl"))) == 1


def test_damaged_parts_are_computed_again_and_none_is_a_result():
    parts = Parts(remembered, CONFIGS, 1, "sweep")
    assert parts.found(5) == {}
    for index, result in ((0, None), (2, 2.5), (4, "x")):
        parts.keep(index, result)
    assert parts.found(5) == {0: None, 2: 2.5, 4: "x"}
    assert parts.found(4) == {0: None, 2: 2.5}
    path = parts.folder / "2.pkl"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert parts.found(5) == {0: None, 4: "x"}
    parts.remove()
    parts.remove()
    assert not parts.folder.exists()


def test_results_that_are_known_are_not_asked_for_again_and_stay_in_order():
    parts = Parts(remembered, CONFIGS, 1, "sweep")
    for index in (1, 3):
        parts.keep(index, -float(index))
    found = sweep(remembered, order=[4, 3, 2, 1, 0])
    assert calls == [5, 4, 3]
    assert found[1::2] == [-1.0, -3.0]
    assert [int(value) for value in found[::2]] == [3, 4, 5]


def test_each_task_has_the_stream_of_its_index_stage_and_seed():
    wanted = [config + float(streams.stream(7, "own", index).random()) for index, config in enumerate(CONFIGS)]
    assert sweep(remembered, seed=7, stage="own") == wanted
    job = one_task.Job(remembered, 3, 7, "own", 2)
    assert one_task.run(job) == (2, 3 + float(streams.stream(7, "own", 2).random()))


def test_workers_come_from_the_environment_unless_they_are_given(monkeypatch):
    asked = []

    def pool(n_jobs, return_as):
        asked.append((n_jobs, return_as))
        return lambda jobs: [function(*arguments) for function, arguments, _ in jobs]

    monkeypatch.setattr(SWEEP, "Parallel", pool)
    monkeypatch.setenv("TRAINPHYS_WORKERS", "3")
    for workers in (None, 2):
        sweep(remembered, workers=workers)
    monkeypatch.delenv("TRAINPHYS_WORKERS")
    monkeypatch.setattr("os.cpu_count", lambda: None)
    sweep(remembered, workers=None)
    assert asked == [(n, "generator_unordered") for n in (3, 2, 1)]


def test_a_wrong_order_is_refused_with_the_range():
    for order in ([0, 1, 2, 3], [0, 1, 2, 3, 5], [0, 1, 2, 3, 3]):
        with pytest.raises(ValueError, match=r"expected order to be a permutation of 0..4, got \["):
            sweep(remembered, order=order)
    assert len(sweep(remembered, order=np.arange(5))) == 5


def test_a_bar_is_shown_unless_it_is_not_wanted(capsys):
    sweep(remembered, stage="a stage", progress=True)
    assert "a stage: " in capsys.readouterr().err
    sweep(remembered, stage="a stage")
    assert capsys.readouterr().err == ""


def test_a_file_is_whole_or_not_there(folder, monkeypatch):
    path = checked_file.folder() / "a.pkl"
    assert checked_file.load(path) is None
    checked_file.save(path, {"x": 1})
    assert checked_file.load(path) == ({"x": 1},)
    assert [own.name for own in folder.iterdir()] == ["a.pkl"]
    data = path.read_bytes()
    assert hashlib.sha256(data[:-32]).digest() == data[-32:]
    for damaged in (data[:-1], b"x" + data[1:], b"", data[-32:]):
        path.write_bytes(damaged)
        assert checked_file.load(path) is None
    path.write_bytes(hashlib.sha256(b"").digest())
    with pytest.raises((EOFError, ValueError)):
        checked_file.load(path)


def test_reading_a_result_marks_it_as_in_use(folder):
    path = checked_file.folder() / "a.pkl"
    checked_file.save(path, 1)
    os.utime(path, (0, 0))
    checked_file.load(path)
    assert path.stat().st_mtime > 0


def test_results_are_kept_where_the_environment_says_else_in_the_users_cache(tmp_path, monkeypatch):
    assert checked_file.folder() == tmp_path / "kept"
    assert checked_file.folder().is_dir()
    monkeypatch.setenv("TRAINPHYS_KEPT", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(checked_file.platformdirs, "user_cache_path", lambda name: tmp_path / "cache/deep" / name)
    assert checked_file.folder() == tmp_path / "cache/deep/trainphys"
    assert checked_file.folder().is_dir()


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o722])
def test_a_folder_that_others_can_write_to_is_refused(folder, mode):
    """What is kept is a pickle: reading one that somebody planted would run what it says."""
    assert checked_file.folder().stat().st_mode & 0o077 == 0
    folder.chmod(mode)
    for use in (checked_file.folder, lambda: key(), lambda: kept(streams.stream, seed=1, stage=1)):
        with pytest.raises(PermissionError, match=r"nobody else can write to, got .*kept: what is kept there is run"):
            use()
    folder.chmod(0o755)
    assert checked_file.folder() == folder


def test_a_folder_of_somebody_else_is_refused(folder, monkeypatch):
    checked_file.folder()
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    monkeypatch.setattr(type(folder), "stat", lambda path: types.SimpleNamespace(st_mode=0o40755, st_uid=12345))
    with pytest.raises(PermissionError, match="expected a folder of yours"):
        checked_file.folder()


def test_a_full_disk_leaves_no_draft(folder, monkeypatch):
    path = checked_file.folder() / "a.pkl"
    checked_file.save(path, 1)
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("No space left on device")))
    with pytest.raises(OSError, match="No space left"):
        checked_file.save(path, 2)
    assert [own.name for own in folder.iterdir()] == ["a.pkl"]
    assert checked_file.load(path) == (1,)


def test_an_error_says_which_task_it_was():
    with pytest.raises(TypeError) as caught:
        sweep(scaled, [1, 2], stage="scale")
    (note,) = caught.value.__notes__
    assert note == "in task 0 of the sweep 'scale', configuration 1"


def test_numbers_and_names_of_stages_give_streams_of_their_own():
    draws = {joblib.hash(streams.stream(*key).random()) for key in ((0, 0), (0, 1), (1, 0), (0, "a"), (0, 0, 1))}
    assert len(draws) == 5
    assert streams.stream(2, 5, 3).random() == np.random.default_rng([3, 5, 2]).random()
    assert streams.stream(2, 5).random() == np.random.default_rng([0, 5, 2]).random()
    for bad in ({"seed": -1}, {"stage": -1}, {"task": -1}):
        with pytest.raises(ValueError, match=r"expected a whole number (seed|stage|task) >= 0, got -1"):
            streams.stream(**{"seed": 0, "stage": 0, **bad})


def test_a_task_runs_on_one_thread():
    def threads(config, rng):
        np.ones((2, 2)) @ np.ones((2, 2))
        return {library["num_threads"] for library in threadpoolctl.threadpool_info()}

    with threadpoolctl.threadpool_limits(3):
        assert one_task.run(one_task.Job(threads, 0, 1, "stage", 4)) == (4, {1})


def test_a_cluster_is_the_one_given_else_that_of_the_environment(monkeypatch):
    asked = []
    monkeypatch.setattr(SWEEP, "on_cluster", lambda jobs, cluster: asked.append(cluster) or map(one_task.run, jobs))
    here = sweep(remembered)
    monkeypatch.setenv("TRAINPHYS_CLUSTER", "tcp://a:1")
    assert sweep(remembered) == sweep(remembered, cluster="tcp://b:2") == here
    monkeypatch.setenv("TRAINPHYS_CLUSTER", "")
    assert sweep(remembered) == here
    assert asked == ["tcp://a:1", "tcp://b:2"]


class Torn(Exception):
    """Like many errors of other packages: it cannot be made again from its message alone."""

    def __init__(self, first, second):
        super().__init__(f"{first} and {second}")


def tears(config, rng):
    raise Torn(1, 2)


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_that_cannot_travel_is_told_in_words(workers):
    """Or it is itself, where a library that is loaded teaches errors to travel, as Dask's does."""
    with pytest.raises((RuntimeError, Torn), match="1 and 2") as caught:
        sweep_function(tears, [1], seed=0, stage="torn", workers=workers, progress=False)
    assert caught.value.__notes__[0] == "in task 0 of the sweep 'torn', configuration 1"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"order": ["a", "b", "c", "d", "e"]}, "permutation of 0..4, got ['a'"),
        ({"order": [0.5, 1, 2, 3, 4]}, "permutation of 0..4, got [0.5"),
        ({"configs": np.array(5)}, "list of configurations, got array(5)"),
        ({"stage": None}, "whole number stage >= 0, got None"),
    ],
)
def test_what_is_no_sweep_is_refused(given, words):
    with pytest.raises(ValueError, match=f"expected .*{re.escape(words)}"):
        sweep_function(remembered, **{"configs": [0, 1, 2, 3, 4], "seed": 0, "workers": 1, "progress": False} | given)


def test_workers_of_the_environment_are_a_number(monkeypatch):
    monkeypatch.setenv("TRAINPHYS_WORKERS", "two")
    with pytest.raises(ValueError, match="whole number in TRAINPHYS_WORKERS, got 'two'"):
        sweep_function(remembered, [1], seed=0, progress=False)
    monkeypatch.setenv("TRAINPHYS_WORKERS", "")
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert len(sweep_function(remembered, [1], seed=0, progress=False)) == 1
