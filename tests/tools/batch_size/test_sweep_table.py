"""Tests of ``tools.batch_size.sweep_table``."""

import csv
import io
import math
import re
from types import SimpleNamespace

import pytest

from trainphys.estimate import Estimate
from trainphys.tools.batch_size.limits import LeastEnergy, PowerLimit
from trainphys.tools.batch_size.new_run import predicted_steps
from trainphys.tools.batch_size.operating_point import operating_point
from trainphys.tools.batch_size.sweep_table import read_sweep

SIZES = (8, 32, 128, 512, 2048)


def rows():
    """Two runs at each size, and at each size two settings that are no good."""
    found = []
    for b in SIZES:
        base = {"batch_size": b, "learning_rate": 0.1, "step_time_s": 0.01, "power_W": 50.0}
        found += [base | {"steps": k * (50 + 5000 / b)} for k in (0.98, 1.02)]
        found += [base | {"learning_rate": 0.01, "steps": 5 * (50 + 5000 / b)}]
        found += [base | {"learning_rate": 0.2, "steps": 40.0}, base | {"learning_rate": 0.2, "steps": math.inf}]
    return found


def test_the_best_setting_whose_runs_all_arrive_is_taken():
    sweep = read_sweep(rows())
    assert sweep.batch_sizes == SIZES
    assert sweep.learning_rates == (0.1,) * 5
    assert sweep.steps[0] == Estimate.from_samples([0.98 * 675, 1.02 * 675])
    assert (sweep.seconds(32), sweep.watts(32)) == pytest.approx((0.01, 50.0))
    assert sweep.momenta == ()
    assert read_sweep(sweep) is sweep


def test_a_file_rows_and_frames_say_the_same(tmp_path):
    file = tmp_path / "sweep.csv"
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, rows()[0])
        writer.writeheader()
        writer.writerows(rows())
    expected = read_sweep(rows())
    pandas = SimpleNamespace(to_dict=lambda orient: {"records": rows()}[orient])
    polars = SimpleNamespace(to_dicts=rows)
    for table in (file, str(file), pandas, polars, iter(rows())):
        assert read_sweep(table) == expected
    assert operating_point(file, LeastEnergy()) == operating_point(expected, LeastEnergy())
    assert predicted_steps(rows(), 64.0) == predicted_steps(expected, 64.0)


def test_a_real_frame_of_pandas():
    pandas = pytest.importorskip("pandas")
    assert read_sweep(pandas.DataFrame(rows())) == read_sweep(rows())


def test_what_is_missing_is_left_out_and_what_was_cut_off_has_no_mean():
    table = [*rows(), {"batch_size": 16, "steps": "", "learning_rate": 0.1}]
    table += [{"batch_size": 64, "steps": s, "learning_rate": 0.1} for s in (90.0, "inf")]
    assert read_sweep(table).batch_sizes == SIZES
    table = [r | {"step_time_s": "", "power_W": None} if r["batch_size"] == 128 else r for r in rows()]
    assert read_sweep(table).watts(128) == pytest.approx(50.0)
    with pytest.raises(ValueError, match="got 4 of 5: columns are batch_size and steps; where known"):
        read_sweep([r | {"steps": math.inf} if r["batch_size"] == 128 else r for r in rows()])


def test_seconds_and_joules_of_a_run_are_those_of_its_updates():
    table = [
        {"batch_size": b, "steps": 50 + 5000 / b, "learning_rate": 0.1, "momentum": 0.5, "time_s": b, "energy_J": 7 * b}
        for b in SIZES
    ]
    sweep = read_sweep(table)
    assert sweep.seconds(32) == pytest.approx(32 / (50 + 5000 / 32))
    assert sweep.watts(SIZES) == pytest.approx([7.0] * 5)
    assert sweep.momenta == (0.5,) * 5


def test_readings_of_repeated_runs_keep_their_scatter():
    sweep = read_sweep([r | {"step_time_s": 0.01 * (1 + 0.1 * (r["steps"] > 1e3))} for r in rows()])
    assert sweep.power[0] == Estimate(50.0, 0.0, 2, 1)
    table = [r | {"time_s": k * r["steps"]} | {"step_time_s": ""} for r in rows() for k in (0.9, 1.1)]
    assert read_sweep(table).step_time[0] == Estimate.from_samples([0.9, 1.1, 0.9, 1.1])


def test_columns_that_nobody_needs_may_be_missing():
    """A frame fills what is missing with a nan of its own in each row: they are one setting."""
    table = [{"batch_size": b, "steps": k * (50 + 5000 / b)} for b in SIZES for k in (0.98, 1.02)]
    sweep = read_sweep(table)
    assert (sweep.learning_rates, sweep.momenta) == ((), ())
    assert (sweep.step_time, sweep.power, sweep.step_energy) == (None, None, None)
    assert read_sweep([r | {"learning_rate": float("nan"), "momentum": ""} for r in table]) == sweep
    joules = read_sweep([r | {"energy_J": 3 * r["steps"]} for r in table])
    assert [e.value for e in joules.step_energy] == pytest.approx([3.0] * 5)
    assert operating_point(joules, LeastEnergy()).batch_size == 2048


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([], "a list of rows or a DataFrame, got list: batch_size and steps"),
        ({"batch_size": SIZES}, "got dict"),
        (3.0, "got float"),
        ([1, 2], "got list"),
        ([{"batch_size": 8, "learning_rate": 9}], r"without \['steps'\]: name them so"),
        ([{"batch_size": 8, "steps": "many", "learning_rate": 1}], "a number as steps, got 'many'"),
    ],
)
def test_tables_that_are_none(table, message):
    with pytest.raises(ValueError, match=message):
        read_sweep(table)


@pytest.mark.parametrize(
    ("table", "cure"),
    [
        ([], "fill in a row for each run"),
        ([[8, 675], [32, 206]], "make each row a dictionary of them"),
        ({"batch_size": SIZES}, "make rows of columns with pandas.DataFrame"),
    ],
)
def test_a_table_that_is_none_is_refused_with_its_cure(table, cure):
    with pytest.raises(ValueError, match=f"power_W, energy_J; {cure}$"):
        operating_point(table)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "got an empty one, which is no table: write the columns batch_size"),
        ("\n\n", "got an empty one, which is no table"),
        (
            '[{"batch_size": 8, "steps": 675}]',
            r"got one that begins with \[{.*, which is no table: read JSON with json",
        ),
        ('{\n "batch_size": [8, 32]}', "got one that begins with {, which is no table: read JSON"),
    ],
)
def test_a_file_that_is_no_table_is_told_so(text, message, tmp_path):
    (tmp_path / "sweep.csv").write_text(text)
    with pytest.raises(ValueError, match=f"expected a CSV file in .*{message}"):
        operating_point(tmp_path / "sweep.csv")


def test_a_path_without_a_file_says_what_is_expected_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError) as refusal:
        operating_point("sweep.csv")
    told = f"columns batch_size and steps; .*, got 'sweep.csv', no file, seen from {tmp_path}: give the whole path"
    assert re.search(told, str(refusal.value))
    with pytest.raises(FileNotFoundError, match="a folder: give the whole path"):
        predicted_steps(tmp_path, 8)


def plain_rows(**changes):
    steps = {b: 50 + 5000 / b for b in SIZES}
    return [{"batch_size": b, "steps": s, "learning_rate": 0.1, "time_s": 0.01 * s} | changes for b, s in steps.items()]


def test_settings_in_a_column_of_another_name_are_not_mixed_up():
    """Runs of two rates would count as repeats of one setting, and their mean as its updates."""
    for name, known in (("lr", "learning_rate"), ("Learning Rate", "learning_rate"), ("Momentum", "momentum")):
        table = [{name: rate, "batch_size": b, "steps": 5000 / b} for b in SIZES for rate in (0.1, 0.01)]
        with pytest.raises(ValueError, match=f"got '{name}': name it '{known}'"):
            read_sweep(table)
    assert read_sweep(plain_rows(seed=1, note="a", lr=3)).learning_rates == (0.1,) * 5  # what is beside it is no matter


@pytest.mark.parametrize("name", ["steps", "time_s", "learning_rate"])
@pytest.mark.parametrize("value", [-3, 0, "-1e-3"])
def test_a_run_of_nonsense_is_not_hidden_in_a_mean(name, value):
    table = [*plain_rows(), plain_rows()[0] | {name: value}]
    with pytest.raises(ValueError, match=f"expected {name} > 0 and finite, got {value!r} in one run"):
        read_sweep(table)
    cut_off = plain_rows()[0] | {"steps": math.inf, "time_s": math.inf, "learning_rate": 9.0}
    assert read_sweep([*plain_rows(), cut_off]) == read_sweep(plain_rows())


def test_texts_and_missing_cells_are_read_as_they_are_meant():
    table = plain_rows(learning_rate="1e-3", momentum=" ")
    assert read_sweep(table).learning_rates == (1e-3,) * 5
    assert read_sweep(table).momenta == ()
    missing = type("NAType", (), {"__eq__": lambda a, b: a, "__hash__": None, "__bool__": lambda a: 1 / 0})()
    table[1]["time_s"] = missing  # pandas' own is neither true nor false
    assert math.isnan(read_sweep(table).step_time[1])
    table[1]["learning_rate"] = ""
    with pytest.raises(ValueError, match="learning_rate of each batch size or of none, got none at 32: fill it in"):
        read_sweep(table)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("batch_size,steps\n8,675,5\n", "more in row 1 below the names: write decimals with a point"),
        ("batch_size;steps\n8;675\n", "separate columns by commas"),
        ("batch_size;steps\n8;675,5\n", "separate columns by commas"),
        ("batch_size,updates\n8,675\n", r"without \['steps'\]: name them so"),
        ("batch_size,steps,steps\n8,675,675\n", r"each column once, got \['steps'\] more often"),
        ('batch_size,steps\n8,"675,5"\n', "a number as steps, got '675,5': write it with a decimal point"),
        ("batch_size,steps\n8,DNF\n", "got 'DNF': .* write inf for a run that was cut off"),
        ("batch_size,steps,time_s\n8,675,3 s\n", "a number as time_s, got '3 s': .* leave what is missing empty$"),
    ],
)
def test_files_in_another_style_are_refused_with_the_cure(text, message, tmp_path):
    (tmp_path / "sweep.csv").write_text(text)
    with pytest.raises(ValueError, match=message):
        read_sweep(tmp_path / "sweep.csv")
    (tmp_path / "sweep.csv").write_text(text, encoding="utf-16")
    with pytest.raises(ValueError, match="expected a CSV file in UTF-8"):
        read_sweep(tmp_path / "sweep.csv")
    lines = ["batch_size, steps", *(f"{b}, {50 + 5000 / b}" for b in SIZES)]
    (tmp_path / "sweep.csv").write_text("\n".join(lines))
    assert read_sweep(tmp_path / "sweep.csv").batch_sizes == SIZES


def test_names_are_read_without_the_spaces_around_them(tmp_path):
    lines = ["batch_size , steps ,note,note", *(f"{b} , {50 + 5000 / b} ,a,b" for b in SIZES)]
    (tmp_path / "sweep.csv").write_text("\n".join(lines))
    assert read_sweep(tmp_path / "sweep.csv").batch_sizes == SIZES


def test_a_frame_that_was_grouped_keeps_its_index():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(plain_rows())
    assert read_sweep(frame.set_index("batch_size")) == read_sweep(frame)
    assert read_sweep(frame.groupby("batch_size").mean()) == read_sweep(frame)


def test_a_frame_may_hold_a_column_in_its_index_too():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(plain_rows())
    both = frame.set_index("batch_size", drop=False)
    assert read_sweep(both) == read_sweep(frame)
    assert read_sweep(frame.assign(note=1).set_index(["note", "batch_size"], drop=False)) == read_sweep(frame)
    with pytest.raises(ValueError, match="got 'batch_size' as a column and other values of it in the index: drop one"):
        read_sweep(both.assign(batch_size=SIZES[::-1]))


@pytest.mark.parametrize("known", [SIZES[:1], SIZES[1:3]])
@pytest.mark.parametrize("column", ["power_W", "energy_J"])
def test_watts_at_one_or_two_batch_sizes_are_left_out_and_refused_only_where_they_are_needed(known, column):
    table = [row | {column: 60.0 if row["batch_size"] in known else ""} for row in plain_rows()]
    plain, found = operating_point(plain_rows()), operating_point(table)
    assert (found.batch_size, found.time_s, found.power_W) == (plain.batch_size, plain.time_s, None)
    names = ", ".join(f"{size}" for size in known)
    assert f"Left out: watts, known at {names} alone, where 3 batch sizes are needed." in " ".join(str(found).split())
    for limit in (LeastEnergy(), PowerLimit(100.0)):
        with pytest.raises(ValueError, match=r"got a sweep without: add .*power_W.*, at three batch sizes or more"):
            operating_point(table, limit)


def test_a_run_has_a_batch_size_and_a_number_of_steps():
    nameless = plain_rows()[0] | {"batch_size": ""}
    with pytest.raises(ValueError, match="the batch_size of each run, got none beside 675 steps"):
        read_sweep([*plain_rows(), nameless])
    assert read_sweep([*plain_rows(), dict.fromkeys(plain_rows()[0], "")]) == read_sweep(plain_rows())  # an empty row
    with pytest.raises(ValueError, match="a number as steps, got True"):
        read_sweep([row | {"steps": True} for row in plain_rows()])


@pytest.mark.parametrize("unit", [1e-3, 1 / 3600, 1 / 60, 11.0, 1e3])
def test_columns_in_two_units_are_refused(unit):
    """Milliseconds, hours or kilowatts beside ours; pauses and idling are within a factor ten."""
    told = {"step_time_s": 0.01, "power_W": 50.0}
    table = [row | told | {"energy_J": 50.0 * row["time_s"]} for row in plain_rows()]
    assert read_sweep(table).watts(32) == pytest.approx(50.0)
    got = re.escape(f"got {unit:.3g} times")
    with pytest.raises(ValueError, match=f"time_s to be steps times step_time_s, {got}"):
        read_sweep([row | {"time_s": unit * row["time_s"]} for row in table])
    with pytest.raises(ValueError, match=f"energy_J to be power_W times the seconds of the run, {got}"):
        read_sweep([row | {"energy_J": unit * row["energy_J"]} for row in table])
    for near in (0.2, 5.0):
        assert read_sweep([row | {"time_s": near * row["time_s"]} for row in table]).seconds(32) == pytest.approx(0.01)
    paused = [*table[:-1], table[-1] | {"time_s": 1e6}]
    assert read_sweep(paused).seconds(32) == pytest.approx(0.01)


@pytest.mark.parametrize("factor", [0.2, 3.0])
def test_columns_that_contradict_each_other_by_less_are_remarked(factor):
    told = {"step_time_s": 0.01, "power_W": 50.0}
    table = [row | told | {"energy_J": 50.0 * row["time_s"]} for row in plain_rows()]
    for change in (1.0, 1.3):
        assert read_sweep([row | {"energy_J": change * row["energy_J"]} for row in table]).remarks == ()
    odd = [row | {"energy_J": factor * row["energy_J"]} for row in table]
    [joules] = read_sweep(odd).remarks
    assert f"energy_J is {factor:g} times what power_W times the seconds of the run give" in joules
    assert joules in " ".join(str(operating_point(odd, LeastEnergy())).split())
    [seconds] = read_sweep([row | {"time_s": factor * row["time_s"]} for row in table]).remarks
    assert seconds.startswith(f"time_s is {factor:g} times what steps times step_time_s give")


def test_a_faster_setting_that_was_cut_off_is_named_and_a_slower_one_is_not():
    [remark] = read_sweep(rows()).remarks
    assert remark.startswith("Not taken at 8, 32, 128, 512, 2048: a setting with fewer steps")
    slow = [{"batch_size": 8, "steps": s, "learning_rate": 0.3} for s in (1e4, math.inf)]
    diverged = [{"batch_size": 8, "steps": math.inf, "learning_rate": 9.0}] * 2
    assert read_sweep([*plain_rows(), *slow, *diverged]).remarks == ()


def test_a_frame_with_a_column_twice_is_refused_as_a_file_is():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(rows())
    with pytest.raises(ValueError, match=r"each column once, got \['steps'\] more often"):
        read_sweep(pandas.concat([frame, 2 * frame[["steps"]]], axis=1))
    assert read_sweep(pandas.Series(rows())) == read_sweep(rows())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("batch_size,steps\n8,675\n32,206,25\n", "got more in row 2 below the names"),
        ("batch_size;steps\n8;675,5\n", "separate columns by commas"),
    ],
)
def test_rows_of_a_reader_are_judged_as_the_file_is(text, message):
    """``csv.DictReader`` puts cells beyond the columns under None."""
    with pytest.raises(ValueError, match=message):
        read_sweep(csv.DictReader(io.StringIO(text)))


def test_names_that_are_no_texts_and_texts_that_are_no_paths():
    with pytest.raises(ValueError, match=r"got \['0', 'batch_size'\] without \['steps'\]"):
        read_sweep([{"batch_size": 8, 0: 100}])
    with pytest.raises(FileNotFoundError, match="expected the path of a CSV file"):
        read_sweep("batch_size,steps\n" * 1000)


def test_a_quote_that_is_not_closed_is_refused(tmp_path):
    file = tmp_path / "sweep.csv"
    file.write_text('batch_size,steps\n"8,675\n' + "32,206\n" * 30_000)
    with pytest.raises(ValueError, match="close each quote in its line"):
        read_sweep(file)
