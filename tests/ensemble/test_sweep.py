"""Results depend on parameters and seed alone: not on workers, order, or what lies on disk."""

import os
import subprocess
import sys
import zlib

import joblib
import numpy as np
import pytest

from trainphys.ensemble import kept, stream, sweep
from trainphys.ensemble import kept as kept_function
from trainphys.ensemble.kept import kept as keep


def walk(steps: int, rng: np.random.Generator) -> np.ndarray:
    """A random walk with some linear algebra in it, which threads could reorder."""
    steps_taken = rng.standard_normal((steps, 40))
    return np.cumsum(steps_taken, axis=0) @ rng.standard_normal((40, 40))


CONFIGS = [3, 500, 1, 40, 7, 200, 90]


@pytest.fixture(scope="module")
def alone():
    return joblib.hash(sweep(walk, CONFIGS, seed=3, workers=1, progress=False))


@pytest.mark.parametrize("workers", [2, 5])
def test_any_number_of_workers_gives_equal_bytes(workers, alone):
    assert joblib.hash(sweep(walk, CONFIGS, seed=3, workers=workers, progress=False)) == alone


def test_any_order_of_submission_gives_equal_bytes(alone):
    order = [6, 2, 0, 5, 1, 4, 3]
    assert joblib.hash(sweep(walk, CONFIGS, seed=3, workers=2, order=order, progress=False)) == alone


def test_workers_that_are_replaced_do_not_stop_a_sweep_where_warnings_are_errors():
    """Joblib replaces a worker that grows, here after each second task, and warns in the thread that it needs most."""
    program = """
import warnings
from trainphys.ensemble import sweep

def grows(config, rng):
    from joblib.externals.loky import process_executor as workers
    workers._MAX_MEMORY_LEAK_SIZE, workers._MEMORY_LEAK_CHECK_DELAY = -1e15, 0.0
    return config

warnings.simplefilter("error")
print(sweep(grows, range(8), seed=0, workers=2, progress=False))
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[0, 1, 2, 3, 4, 5, 6, 7]\n"
    assert done.stderr == ""


def test_seed_and_stage_change_the_numbers(alone):
    assert joblib.hash(sweep(walk, CONFIGS, seed=4, workers=1, progress=False)) != alone
    assert joblib.hash(sweep(walk, CONFIGS, seed=3, stage="other", workers=1, progress=False)) != alone


def test_streams_of_neighbouring_seeds_and_tasks_differ():
    first = {stream(seed, "x", task).integers(2**62) for seed in range(20) for task in range(20)}
    assert len(first) == 400


@pytest.mark.parametrize("bad", [{"seed": -1}, {"task": -1}, {"stage": -1}])
def test_negative_stream_numbers_are_refused(bad):
    with pytest.raises(ValueError, match=">= 0"):
        stream(**{"seed": 0, "stage": 0, "task": 0, **bad})


def test_sweep_refuses_what_is_no_permutation_and_no_workers():
    with pytest.raises(ValueError, match="permutation"):
        sweep(walk, [1, 2], seed=0, order=[0, 0])
    with pytest.raises(ValueError, match="whole number workers >= 1"):
        sweep(walk, [1, 2], seed=0, workers=0)


@pytest.mark.parametrize("configs", [{1: 2}, {1, 2}, (n for n in (1, 2)), 3])
def test_sweep_refuses_what_is_no_list_of_configurations(configs):
    with pytest.raises(ValueError, match=r"expected a list of configurations, got .*: give list\(\.\.\.\) of them"):
        sweep(walk, configs, seed=0)


@pytest.mark.parametrize("seed", [None, 0.5, "1"])
def test_sweep_refuses_what_is_no_seed(seed):
    with pytest.raises(ValueError, match="expected a whole number seed >= 0, got"):
        sweep(walk, [1, 2], seed=seed)


def test_kept_computes_once_and_notices_damage(tmp_path, monkeypatch):
    from trainphys.ensemble import streams

    calls = []

    def counted(*, seed, n):
        calls.append(seed)
        return stream(seed, "kept").standard_normal(n)

    counted.__module__, counted.__qualname__ = streams.__name__, "counted"
    monkeypatch.setenv("TRAINPHYS_KEPT", str(tmp_path))
    first = keep(counted, seed=1, n=5)
    again = keep(counted, seed=1, n=5)
    assert calls == [1]
    np.testing.assert_array_equal(first, again)
    keep(counted, seed=2, n=5)
    assert calls == [1, 2]
    (path,) = [p for p in tmp_path.glob("*.pkl") if np.array_equal(joblib.load(p), first)]
    path.write_bytes(path.read_bytes()[:-7])
    np.testing.assert_array_equal(keep(counted, seed=1, n=5), first)
    assert calls == [1, 2, 1]
    assert not [p for p in tmp_path.iterdir() if p.is_dir()]


def test_kept_refuses_functions_that_it_cannot_find_again():
    with pytest.raises(ValueError, match="top of a trainphys module"):
        kept_function(lambda: 1)


def test_kept_is_exported():
    assert kept is keep
    assert os.path.basename(keep.__code__.co_filename) == "kept.py"


def test_two_processes_that_want_one_result_compute_it_once(tmp_path):
    """Both ask at the same moment; the second waits and reads what the first has kept."""
    program = """
import time
from trainphys.ensemble import kept, streams

def slow(*, seed):
    print("computed", flush=True)
    time.sleep(1)
    return seed

slow.__module__ = streams.__name__
kept(slow, seed=1)
"""
    environment = {**os.environ, "TRAINPHYS_KEPT": str(tmp_path)}
    both = [
        subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(said) == ["", "computed\n"]


def first_numbers(config: int, rng: np.random.Generator) -> list[float]:
    return rng.random(config).tolist()


def test_a_task_draws_from_the_stream_of_its_index_stage_and_seed():
    """Whatever the order of submission: the index comes first, then the name of the stage, then the seed."""
    configs = [2, 1, 3]
    found = sweep(first_numbers, configs, seed=11, stage="twin", workers=1, order=[2, 0, 1], progress=False)
    for index, config in enumerate(configs):
        rng = np.random.default_rng([index, zlib.crc32(b"twin"), 11])
        assert found[index] == rng.random(config).tolist()
    assert stream(5, 7, 3).random() == np.random.default_rng([3, 7, 5]).random()


def test_a_kept_result_is_of_one_function_its_parameters_and_the_code_behind_it(tmp_path, monkeypatch):
    from trainphys.ensemble import streams

    calls = []

    def made(name):
        def function(**parameters):
            calls.append(parameters)
            return len(calls)

        function.__module__, function.__qualname__ = streams.__name__, name
        return function

    monkeypatch.setenv("TRAINPHYS_KEPT", str(tmp_path))
    first, second = made("first"), made("second")
    assert [keep(first, seed=1, n=2), keep(first, n=2, seed=1), keep(first, seed=1, n=2, cluster="tcp://a:1")] == [
        1
    ] * 3
    assert [keep(first, seed=2, n=1), keep(second, seed=1, n=2), keep(first, seed=1)] == [2, 3, 4]
    assert calls[0] == {"seed": 1, "n": 2}
    assert keep(first, seed=3, cluster="tcp://a:1") == 5
    assert calls[-1] == {"seed": 3, "cluster": "tcp://a:1"}
    module = sys.modules["trainphys.ensemble.kept"]
    monkeypatch.setattr(module, "source_digest", lambda names: f"changed code of {names}")
    assert keep(first, seed=1, n=2) == 6
    assert all(path.name.startswith(f"{streams.__name__}.") for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("module", "name"), [("elsewhere", "f"), ("trainphysics.x", "f"), ("trainphys.x", "f.<locals>.g")]
)
def test_kept_names_what_it_refuses(module, name):
    def function():
        return 1

    function.__module__, function.__qualname__ = module, name
    with pytest.raises(ValueError, match=f"expected a function at the top of a trainphys module, got {name}: move it"):
        keep(function)


def test_a_result_of_none_is_kept_too(tmp_path, monkeypatch):
    from trainphys.ensemble import streams

    calls = []

    def nothing():
        calls.append(1)

    nothing.__module__, nothing.__qualname__ = streams.__name__, "nothing"
    monkeypatch.setenv("TRAINPHYS_KEPT", str(tmp_path))
    assert [keep(nothing), keep(nothing)] == [None, None]
    assert calls == [1]
