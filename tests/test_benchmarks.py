"""The benchmarks' own arithmetic, and the page that is drawn from their results."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch
from benchmarks import replicas
from benchmarks.__main__ import GROWTH, RESULTS, WORKLOADS
from benchmarks.workload import Case, Target, Workload, peak_memory, run

from trainphys.book.site import speed

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def clock(monkeypatch):
    """Time passes only when a case says so."""
    now = [0.0]
    monkeypatch.setattr("time.process_time", lambda: now[0])

    def takes(*seconds):
        """A call that takes these seconds, one after the other; the first is the warm-up."""
        left = list(seconds)

        def call():
            now[0] += left.pop(0) if left else 0.0  # the last call is for its memory
            return 42.0

        return lambda: call

    return takes


def missing():
    raise ImportError("No module named 'peer'")


def test_ratios_are_taken_round_by_round_and_per_unit(clock):
    cases = [
        Case("peer", "peer", clock(9.0, 4.0, 40.0, 4.0), units=2),
        Case("trainphys", "ours", clock(9.0, 1.0, 10.0, 2.0), units=4, error=lambda found: found - 40),
    ]
    found = run(Workload("x", "X", "thing", cases, [Target("peer", 8.0), Target("peer", 8.1)], rounds=3))
    peer, ours = found["cases"]
    assert peer["seconds_per_unit"] == [2.0, 20.0, 2.0]
    assert ours["seconds_per_unit"] == [0.25, 2.5, 0.5]
    assert ours["error"] == 2.0
    assert [t["ratio"] for t in found["targets"]] == [8.0, 8.0]  # not 2.0 / 0.5: the drift of one round cancels
    assert [t["reached"] for t in found["targets"]] == [True, False]


def test_a_peer_that_does_not_run_is_reported_and_stops_nothing(clock):
    cases = [Case("peer", "peer", missing, 1), Case("trainphys", "ours", clock(1.0, 1.0), 1)]
    found = run(Workload("x", "X", "thing", cases, [Target("peer", 2.0)], rounds=1))
    assert found["cases"][0]["failure"] == "ImportError: No module named 'peer'"
    assert found["cases"][0]["median"] is None
    assert found["targets"][0]["ratio"] is None
    assert found["cases"][1]["median"] == 1.0
    assert "did not run: ImportError" in speed._on("a processor", found)


@pytest.mark.parametrize("way", [replicas._ours, replicas._vmap, replicas._padded])
def test_ways_to_train_replicas_do_the_same_work(way):
    """One update of groups of two networks, at two batch sizes."""
    drawn = [[group[:2] for group in replicas.sweep_batches()[0][:2]]]
    torch.testing.assert_close(way(drawn)(), replicas._sequential(drawn)(), rtol=0, atol=1e-6)


def test_the_results_hold_every_workload_and_the_growth_of_every_kernel():
    results = json.loads(RESULTS.read_text("utf8"))
    assert set().union(*(own["workloads"] for own in results.values())) == set(WORKLOADS)
    assert all(w["targets"] for own in results.values() for part in own["workloads"].values() for w in part)
    table = speed.growth(ROOT)
    for kernel, own in table.groupby("kernel"):
        assert own["size"].max() >= 500 * own["size"].min(), kernel
        assert math.isfinite(own["slope"].iloc[0])
    grown = [own["growth"] for own in results.values() if "growth" in own]
    assert all(set(g) == set(GROWTH) and g["growth"]["million_trajectories_peak_MB"] < 1024 for g in grown)


def test_the_worse_processor_counts(tmp_path):
    def measured(ratio):
        target = {"against": "peer", "case": "trainphys", "at_least": 1.0, "ratio": ratio, "reached": ratio >= 1}
        return {"workloads": {"x": [{"name": "x", "targets": [target]}]}}

    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks/results.json").write_text(json.dumps({"a": measured(3.0), "b": measured(0.5)}))
    (found,) = speed.workloads(tmp_path)
    assert [target["ratio"] for target in found["targets"]] == [0.5]
    assert list(found["by"]) == ["a", "b"]


def test_peak_memory_is_what_a_call_takes():
    assert peak_memory(lambda: bytearray(50_000_000)) == pytest.approx(50, abs=5)


def test_the_summary_counts_what_was_reached():
    targets = [target for workload in speed.workloads(ROOT) for target in workload["targets"]]
    reached = sum(bool(target["reached"]) for target in targets)
    assert f"{reached} of the {len(targets)} goals" in speed.summary(ROOT)
