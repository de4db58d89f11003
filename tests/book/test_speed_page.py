"""The page on speed, from measurements that are made up."""

import json
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from trainphys.book import publish
from trainphys.book.site import speed


def case(name, role, median, error=None, failure=""):
    rounds = [median] * 3 if median else []
    known = {"name": name, "role": role, "median": median, "error": error, "failure": failure}
    return {**known, "seconds_per_unit": rounds}


def target(ratio, reached, at_least=2.0, against="numpy", case="trainphys"):
    return {"ratio": ratio, "reached": reached, "at_least": at_least, "against": against, "case": case}


WORK = {
    "name": "steps",
    "title": "Steps & more",
    "unit": "step",
    "note": "timed <once>.",
    "tolerance": 1e-6,
    "cases": [
        case("loop", "naive", 1e-2, 1e-9),
        case("numpy", "peer", 1e-4, 1e-6),
        case("jax", "peer", 4e-4, None),
        case("sloppy", "peer", 1e-6, 1e-3),
        case("trainphys", "ours", 2e-5, math.nan),
        case("lost", "limit", None, None, "no <GPU>"),
    ],
    "targets": [target(5.0, True), target(None, None, 0.5, "limit"), target(1.5, False, 3.0, "a<b", case="batch")],
}
BARE = {
    **WORK,
    "name": "bare",
    "note": "",
    "tolerance": None,
    "cases": [case("x", "ours", 1.0, 9.0)],
    "targets": [target(2.0, True)],
}
MACHINE = {"processor": "P", "cores": 2, "system": "S", "python": "3.12", "date": "today", "limits": {"add": 1234.5}}
SIZES = np.array([1.0, 10.0, 100.0, 1000.0])


@pytest.fixture
def root(tmp_path):
    grown = [
        {"kernel": name, "size_name": "particles", "size": size, "seconds": 2.0 * size**power + 9.0 * (size < 5)}
        for name, power in (("linear", 1.0), ("square", 2.0))
        for size in SIZES
    ]
    found = {
        "machine": {**MACHINE, "versions": {"numpy": "2", "torch": "1"}},
        "workloads": {"a": [WORK], "b": [BARE]},
        "growth": {
            "growth": {"rows": grown, "million_trajectories_peak_MB": 123.4},
            "more": [{"kernel": "once", "size_name": "runs", "size": 5.0, "seconds": 1.0}],
        },
    }
    with pytest.raises(FileNotFoundError, match=r"expected benchmarks/results.json, got none"):
        speed.results(tmp_path)
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / speed.RESULTS).write_text(json.dumps({"P": found}), "utf8")
    return tmp_path


def test_the_short_of_it_counts_goals_and_compares_the_best_that_did_the_work(root):
    lines = speed.summary(root).splitlines()
    assert lines[0] == (
        "**Found:** 2 of the 4 goals that were set before are reached, 1 could not be measured. Timed on: P, 2 cores, "
        "S, Python 3.12, on today. Where work was timed on more than one processor, the worse one counts."
    )
    assert lines[4] == '| <a href="#steps">Steps &amp; more</a> | 500 | 5.0 |  | 1 of 3 |'
    assert lines[5].endswith("|  |  |  | 1 of 1 |")


def test_no_goal_that_could_not_be_measured_is_not_spoken_of(root):
    found = speed.results(root)["P"]
    working = {**WORK, "targets": [target(5.0, True)]}
    (root / speed.RESULTS).write_text(json.dumps({"P": {**found, "workloads": {"a": [working]}}}), "utf8")
    assert speed.summary(root).startswith("**Found:** 1 of the 1 goals that were set before are reached. Timed on: ")


def test_limits_and_versions_of_the_machine(root):
    assert speed.machine(root).splitlines()[2:] == ["| add | 1.23e+03 |", "", "Versions: numpy 2, torch 1."]
    assert speed.memory(root).startswith("A million trajectories, all states seen and none kept, take 123 MB of memory")


def test_each_way_has_its_rate_its_time_against_ours_and_its_error(root):
    first, second = speed.tables(root)
    assert '<section class="speed" id="steps"><h3>Steps &amp; more</h3>' in first
    rows = re.findall(r'<tr class="speed-(\w+)"><th scope="row">(\w+)</th>(.*?)(?=<tr|</tbody>)', first)
    cells = {name: re.sub("<.*?>", "|", text.replace("</td>", "").replace("</tr>", "")) for _, name, text in rows}
    assert [role for role, _, _ in rows] == ["naive", "peer", "peer", "peer", "ours", "limit"]
    assert cells["loop"].startswith("|100|500|1.0e-09|")
    assert cells["numpy"].startswith("|10 thousand|5.0|1.0e-06|")
    assert cells["jax"].startswith("|2.5 thousand|20||")
    assert cells["sloppy"].startswith("|1 million|0.050|1.0e-03 (too large)|")
    assert cells["trainphys"].startswith("|50 thousand|1.0||")
    assert cells["lost"] == "|did not run: no &lt;GPU&gt;"
    assert "<p>Timed &lt;once&gt;.</p></section>" in first
    heads = re.findall(r'<th scope="col">(.*?)</th>', first)
    assert heads == ["way", "steps a second", "time, ours = 1", "error", "peak MB", ""]
    assert second.endswith("reached.</p></section>")
    assert first.count("<tr") == first.count("</tr>") == 7


def test_bars_are_logarithmic_and_differences_below_ten_stay_small(root):
    first, second = speed.tables(root)
    widths = [int(width) for width in re.findall(r"width:(\d+)%", first)]
    rates = np.array([1e2, 1e4, 2.5e3, 1e6, 5e4])
    np.testing.assert_allclose(widths, 100 * np.log(rates / 50) / np.log(1e6 / 50), atol=0.5)
    assert re.findall(r"width:(\d+)%", second) == ["100"]
    near = {**WORK, "cases": [case("a", "ours", 1.0), case("b", "peer", 2.0)]}
    assert [int(w) for w in re.findall(r"width:(\d+)%", speed._on("P", near))] == [100, 77]


def test_goals_are_told_with_what_was_measured():
    assert speed._targets(WORK) == (
        "Goal 2.0 times the rate of <i>numpy</i>, <b>5.0</b> reached; goal 0.50 times the rate of <i>limit</i>, not "
        "measured; batch: goal 3.0 times the rate of <i>a&lt;b</i>, <b>1.5</b> short of it."
    )


def test_a_ratio_is_the_same_wherever_it_stands():
    """Of rounds, not of medians: here 1.46 and 1.44, which would be read as 1.5 and 1.4."""
    ours, peer = case("ours", "ours", 1.0), case("peer", "peer", 1.44)
    ours["seconds_per_unit"], peer["seconds_per_unit"] = [0.9, 1.0, 1.1], [1.44, 1.40, 1.606]
    assert speed.ratio(peer, ours) == pytest.approx(1.46)
    work = {**WORK, "cases": [ours, peer], "targets": [target(speed.ratio(peer, ours), False, against="peer")]}
    work["by"] = {"P": work}
    assert "<td>1.5</td>" in speed._on("P", work)
    assert "| 1.5 |" in speed._short(work)
    assert "<b>1.5</b>" in speed._targets(work)


def test_goals_were_judged_by_the_ratio_that_the_page_shows():
    for workload in speed.workloads(Path(__file__).resolve().parents[2]):
        for own in workload["by"].values():
            known = {found["name"]: found for found in own["cases"] if found["median"]}
            for goal in own["targets"]:
                if goal["ratio"] is not None:
                    shown = speed.ratio(known[goal["against"]], known[goal["case"]])
                    assert shown == pytest.approx(goal["ratio"], rel=1e-9), (own["name"], goal["against"])


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(1.0, "1.0"), (0.99, "0.99"), (10.0, "10"), (99.6, "100"), (1234.0, "1\u202f200"), (0.05, "0.050")],
)
def test_ratios_have_two_digits(ratio, text):
    assert speed.times(ratio) == text


def test_rates_have_three_digits_and_a_word():
    assert [speed.spoken(10.0**n) for n in (2, 3, 6, 9, 10)] == [
        "100",
        "1 thousand",
        "1 million",
        "1 billion",
        "10 billion",
    ]


def test_slopes_are_the_exponents_of_the_upper_decades(root):
    table = speed.growth(root)
    slopes = table.groupby("kernel")["slope"].first()
    assert slopes["linear"] == pytest.approx(1.0, abs=1e-9)
    assert slopes["square"] == pytest.approx(2.0, abs=1e-9)
    assert np.isnan(slopes["once"])
    lowest = pd.DataFrame({"size": [100.0, 12000.0], "seconds": [1.0, 120.0]})
    assert speed._slope(lowest).tolist() == pytest.approx([1.0, 1.0])
    assert np.isnan(speed._slope(lowest.assign(size=[99.0, 12000.0]))).all()


def test_growth_is_drawn_with_its_data_and_told_in_words(root, monkeypatch):
    drawn = []
    monkeypatch.setattr(plt, "close", drawn.append)
    words = speed.growth_files(root)
    monkeypatch.undo()
    first, second = drawn[0].axes
    assert [ax.get_xlabel() for ax in (first, second)] == ["particles", "runs"]
    assert {(ax.get_ylabel(), ax.get_xscale(), ax.get_yscale()) for ax in drawn[0].axes} == {
        ("seconds of one core", "log", "log")
    }
    assert [text.get_text() for text in first.get_legend().get_texts()] == ["linear (1.00)", "square (2.00)"]
    assert [line.get_ydata()[-1] for line in first.lines] == [2000.0, 2000000.0]
    assert all(first.get_ylim()[1] > 10 * line.get_ydata().max() for line in first.lines)
    plt.close(drawn[0])
    assert words.endswith("their slopes are linear 1.00, square 2.00, once nan.")
    folder = root / publish.PUBLISHED / "figures"
    drawn = pd.read_csv(folder / "speed-growth.csv")
    assert list(drawn.columns) == ["kernel", "size_name", "size", "seconds", "slope"]
    assert len(drawn) == 9
    picture = (folder / "speed-growth.svg").read_text("utf8")
    assert "<svg" in picture
    assert "<dc:date>" not in picture
