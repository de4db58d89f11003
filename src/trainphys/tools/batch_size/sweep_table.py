"""A sweep from a table of its runs: a CSV file, a list of dictionaries, or a DataFrame of any library."""

import csv
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from trainphys.estimate import Estimate
from trainphys.tools.batch_size.measured import FEWEST, Measured
from trainphys.tools.batch_size.readings import FEWEST as BEND

Row = Mapping[str, Any]
Table = str | os.PathLike[str] | Iterable[Row]
REQUIRED = "batch_size", "steps"
READ = {"step_time_s": "seconds", "power_W": "watts", "step_energy_J": "joules"}  # of an update, from the columns
OTHERS = "learning_rate", "momentum", "time_s", "step_time_s", "power_W", "energy_J"
CONTRADICTION = 10.0  # factor between two columns that no pause and no idling explains: units are 60 or more apart
DISAGREEMENT = 1.5  # factor beyond which pauses and idling are worth a remark: printed numbers then do not multiply
COLUMNS = f"{' and '.join(REQUIRED)}; where known {', '.join(OTHERS)}"


def read_sweep(table: Measured | Table | Any) -> Measured:
    r"""A sweep from one row a run, several runs and several learning rates at a batch size allowed.

    Of the settings tried at a batch size, the one with the smallest mean of its updates is taken. A setting of which a
    run was cut off before the target has no mean and is not taken; a batch size where every setting is so is left out.
    The mean of those that arrived would be too small. What is left out is in ``remarks``, which a choice prints; so are
    columns that contradict each other by less than is refused.

    Args:
        table: path of a CSV file, dictionaries, or a DataFrame (pandas or polars). Columns: ``batch_size``;
            ``steps``, updates to the target, ``inf`` for a run that was cut off before it, empty or nan for one that
            is missing for another reason. ``learning_rate`` and ``momentum`` tell settings apart: known at all batch
            sizes, or at none. The others are needed by limits that use them, and may be empty here and there:
            ``time_s`` of the run or ``step_time_s`` of an update; ``power_W`` or ``energy_J`` of the run. No batch
            size is chosen beyond the last reading. Seconds, watts or joules of fewer than three batch sizes are left
            out.

    Raises:
        ValueError: columns that are missing or there twice, text that is no number, seconds, watts and joules that
            contradict each other by a factor ten, or what ``Measured`` refuses.
        FileNotFoundError: a path at which there is no file.

    >>> rows = [
    ...     {"batch_size": b, "steps": 50 + 5000 / b, "learning_rate": 0.1, "time_s": 1.0, "energy_J": 90.0}
    ...     for b in (8, 32, 128, 512, 2048)
    ... ]
    >>> rows += [{"batch_size": 8, "steps": math.inf, "learning_rate": 9.0}]  # too large a rate
    >>> sweep = read_sweep(rows)
    >>> float(sweep.updates()[0]), sweep.learning_rates[0], float(sweep.watts(32))
    (675.0, 0.1, 90.0)
    """
    if isinstance(table, Measured):
        return table
    everyone = [_numbers(row) for row in _rows(table)]
    runs = [run for run in everyone if not math.isnan(run["steps"])]
    contradictions = _check_units(runs)
    by_size = _by_size(runs)
    chosen = [_tuned(by_size[b]) for b in sorted(by_size)]
    kept = [c for c in chosen if c]
    if len(kept) < FEWEST:
        raise ValueError(
            f"expected five batch sizes or more with a setting all of whose runs reached the target, got {len(kept)} "
            f"of {len(chosen)}: columns are {COLUMNS}"
        )
    rates, momenta = (_settings(kept, name) for name in ("learning_rate", "momentum"))
    readings = {name: _readings(kept, name) for name in READ}
    few = [_too_few(READ[name], kept, found) for name, found in readings.items() if 0 < _count(found) < BEND]
    step_time, power, step_energy = (None if _count(found) < BEND else found for found in readings.values())
    return Measured(
        batch_sizes=tuple(runs[0]["batch_size"] for runs in kept),
        steps=tuple(_mean([r["steps"] for r in runs]) for runs in kept),
        learning_rates=rates,
        step_time=step_time,
        power=power,
        momenta=momenta,
        step_energy=step_energy,
        remarks=(*_left_out(everyone, kept), *few, *contradictions),
    )


def _rows(table: Any) -> list[Row]:
    if isinstance(table, str | os.PathLike):
        return _of_file(Path(table))
    if hasattr(table, "to_dicts"):  # polars
        return list(table.to_dicts())
    if hasattr(table, "to_dict") and getattr(table, "ndim", 2) == 2:  # pandas
        return _of_frame(table)
    rows = list(table) if isinstance(table, Iterable) and not isinstance(table, Mapping) else []
    if not rows or not all(isinstance(row, Mapping) for row in rows):
        cure = "make each row a dictionary of them" if rows else "fill in a row for each run"
        if isinstance(table, Mapping):
            cure = "make rows of columns with pandas.DataFrame"
        got = type(table).__name__
        raise ValueError(f"expected a CSV file, a list of rows or a DataFrame, got {got}: {COLUMNS}; {cure}")
    return _of_one_width(rows)


def _of_frame(table: Any) -> list[Row]:
    """The rows of a frame of pandas, with those of our columns that stand in its index alone."""
    columns, index = list(getattr(table, "columns", ())), getattr(table, "index", None)
    _names(map(str, columns))
    named = [name for name in getattr(index, "names", ()) if name in REQUIRED + OTHERS]
    for name in set(named) & set(columns):
        if index.get_level_values(name).tolist() != table[name].tolist():  # type: ignore[union-attr]
            raise ValueError(
                f"expected each column once, got {name!r} as a column and other values of it in the index: drop one "
                "by reset_index(drop=True) or by drop(columns=...)"
            )
    alone = [name for name in named if name not in columns]
    return list((table.reset_index(level=alone) if alone else table).to_dict("records"))


def _of_file(path: Path) -> list[Row]:
    if not os.path.isfile(path):  # of any text, one too long for a path too
        what = "a folder" if os.path.isdir(path) else f"no file, seen from {Path.cwd()}"
        raise FileNotFoundError(
            f"expected the path of a CSV file with the columns {COLUMNS}, got {str(path)!r:.999}, {what}: give the "
            "whole path, or the rows themselves"
        )
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, skipinitialspace=True)
            reader.fieldnames = _names(_of_a_table(path, reader.fieldnames or ()))
            rows: list[Row] = list(reader)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"expected a CSV file in UTF-8, got another encoding in {str(path)!r}: save it anew"
        ) from error
    except csv.Error as error:
        raise ValueError(f"expected a CSV file in {str(path)!r}, got: {error}: close each quote in its line") from error
    return _of_one_width(rows)


def _of_a_table(path: Path, names: Sequence[str]) -> Sequence[str]:
    """The first line of a file, where it names columns."""
    first = names[0].lstrip() if names else ""
    if not names or first.startswith(("{", "[")):
        got = f"one that begins with {first:.20}" if names else "an empty one"
        cure = "read JSON with json.load and give its rows" if names else f"write the columns {COLUMNS} into it"
        raise ValueError(f"expected a CSV file in {str(path)!r}, got {got}, which is no table: {cure}")
    return names


def _of_one_width(rows: list[Row]) -> list[Row]:
    """Refuse cells beyond the columns, which ``csv.DictReader`` puts under None."""
    if rows:
        _check_names({name: cell for name, cell in rows[0].items() if name is not None})
    wide = [i for i, row in enumerate(rows) if None in row]
    if wide:
        raise ValueError(
            f"expected a cell for each column, got more in row {wide[0] + 1} below the names: write decimals with a "
            "point, or put cells with a comma in quotes"
        )
    return rows


def _names(given: Iterable[str]) -> list[str]:
    """The names of a file's columns, each once: of two of one name the first would be lost."""
    names = [name.strip() for name in given]
    twice = sorted({name for name in names if names.count(name) > 1 and name in {*REQUIRED, *OTHERS}})
    if twice:
        raise ValueError(f"expected each column once, got {twice} more often: rename or leave out what is not meant")
    return names


def _numbers(row: Row) -> dict[str, float]:
    """One run, with nan for what is empty, and with seconds, watts and joules of an update."""
    _check_names(row)
    run = {}
    for name in REQUIRED + OTHERS:  # steps before what depends on them
        value: Any = row.get(name)
        try:
            run[name] = math.nan if _is_missing(value) else float(value)
            if type(value).__name__ in ("bool", "bool_"):
                raise TypeError(value)
        except (TypeError, ValueError) as error:
            cure = ", write inf for a run that was cut off" if name == "steps" else ""
            raise ValueError(
                f"expected a number as {name}, got {value!r}: write it with a decimal point and without unit or "
                f"thousands separator, leave what is missing empty{cure}"
            ) from error
        cut_off = run.get("steps") == math.inf and name not in ("batch_size", "learning_rate")
        if name != "momentum" and not (math.isnan(run[name]) or 0 < run[name] < math.inf or cut_off):
            raise ValueError(f"expected {name} > 0 and finite, got {value!r} in one run: leave what is missing empty")
    if math.isnan(run["batch_size"]) and not math.isnan(run["steps"]):
        raise ValueError(f"expected the batch_size of each run, got none beside {run['steps']:g} steps: fill it in")
    reached = 0 < run["steps"] < math.inf
    run["step_energy_J"] = run["energy_J"] / run["steps"] if reached else math.nan
    if math.isnan(run["step_time_s"]) and reached:
        run["step_time_s"] = run["time_s"] / run["steps"]
    if math.isnan(run["power_W"]) and run["step_time_s"] > 0:
        run["power_W"] = run["step_energy_J"] / run["step_time_s"]
    return run


def _check_units(runs: list[dict[str, float]]) -> list[str]:
    """Refuse columns that say the same thing ten times apart, in the median of the runs: their units are not ours.

    Columns less far apart, which may both be right of what they were read from, get a remark.
    """
    reached = [run for run in runs if run["steps"] < math.inf]
    seconds = [r["time_s"] / (r["steps"] * r["step_time_s"]) for r in reached]
    joules = [r["step_energy_J"] / (r["power_W"] * r["step_time_s"]) for r in reached]
    return [
        *_check_ratio("time_s", "steps times step_time_s", seconds, "seconds are by step_time_s"),
        *_check_ratio("energy_J", "power_W times the seconds of the run", joules, "joules are by energy_J"),
    ]


def _check_ratio(name: str, other: str, ratios: list[float], taken: str) -> list[str]:
    known = sorted(ratio for ratio in ratios if not math.isnan(ratio))
    middle = known[len(known) // 2] if known else 1.0
    if not 1 / CONTRADICTION < middle < CONTRADICTION:
        raise ValueError(
            f"expected {name} to be {other}, got {middle:.3g} times that: check the units, or leave one column out"
        )
    agree = 1 / DISAGREEMENT < middle < DISAGREEMENT
    return [] if agree else [f"{name} is {middle:.3g} times what {other} give, in the median of the runs; {taken}."]


def _is_missing(value: Any) -> bool:
    """None, an empty cell, or the missing value of pandas, which equals nothing."""
    return value is None or type(value).__name__ == "NAType" or (isinstance(value, str) and not value.strip())


def _check_names(row: Row) -> None:
    """Refuse columns that are missing, and those that look like one that is: settings told apart would be mixed up."""
    unnamed = set(REQUIRED) - set(row)
    if unnamed:
        cure = "separate columns by commas" if len(row) == 1 else "name them so"
        raise ValueError(
            f"expected the columns {COLUMNS}, got {sorted(map(str, row))} without {sorted(unnamed)}: {cure}"
        )
    known = {_letters(name): name for name in OTHERS} | {"lr": "learning_rate"}
    for given in map(str, row):
        name = known.get(_letters(given))
        if name and name not in row:
            raise ValueError(f"expected the columns {COLUMNS}, got {given!r}: name it {name!r}")


def _letters(name: str) -> str:
    return "".join(filter(str.isalpha, name.lower()))


def _tuned(runs: list[dict[str, float]]) -> list[dict[str, float]]:
    """The runs of the setting with the smallest mean of its updates; none where each has a run that was cut off."""
    return min((g for g in _settings_tried(runs) if _mean_steps(g) < math.inf), key=_mean_steps, default=[])


def _settings_tried(runs: list[dict[str, float]]) -> list[list[dict[str, float]]]:
    """The runs of each setting."""
    groups: dict[str, list[dict[str, float]]] = {}
    for run in runs:
        setting = f"{run['learning_rate']!r} {run['momentum']!r}"  # as text, since a nan equals no other
        groups.setdefault(setting, []).append(run)
    return list(groups.values())


def _mean_steps(runs: list[dict[str, float]]) -> float:
    return sum(r["steps"] for r in runs) / len(runs)


def _left_out(runs: list[dict[str, float]], kept: list[list[dict[str, float]]]) -> list[str]:
    """Which runs the sweep does not hold, and why: each kind in a sentence with its batch sizes."""
    taken = {best[0]["batch_size"]: _mean_steps(best) for best in kept}
    missing = {r["batch_size"] for r in runs if math.isnan(r["steps"]) and r["batch_size"] > 0}
    told = [r for r in runs if not math.isnan(r["steps"])]
    by_size = _by_size(told)
    dropped = set(by_size) - set(taken)
    faster = {size for size, mean in taken.items() if _cut_off_ahead(by_size[size], mean)}
    said = (
        (dropped, "Left out: {}, where a run of each setting was cut off before the target (steps inf)."),
        (faster, "Not taken at {}: a setting with fewer steps, of which a run was cut off before the target."),
        (missing, "Left out: runs without steps at {}. Those that were cut off need inf, or the means are too small."),
    )
    return [text.format(", ".join(f"{size:g}" for size in sorted(sizes))) for sizes, text in said if sizes]


def _cut_off_ahead(runs: list[dict[str, float]], mean: float) -> bool:
    """Whether there is a setting with a run that was cut off whose other runs took fewer updates than this."""
    for group in _settings_tried(runs):
        arrived = [r for r in group if r["steps"] < math.inf]
        if 0 < len(arrived) < len(group) and _mean_steps(arrived) < mean:
            return True
    return False


def _by_size(runs: list[dict[str, float]]) -> dict[float, list[dict[str, float]]]:
    """The runs at each batch size, in one walk: a table may hold thousands of each."""
    found: dict[float, list[dict[str, float]]] = {}
    for run in runs:
        found.setdefault(run["batch_size"], []).append(run)
    return found


def _settings(kept: list[list[dict[str, float]]], name: str) -> tuple[float, ...]:
    """The one that was best at each batch size; none where it is not known at all."""
    best = {runs[0]["batch_size"]: runs[0][name] for runs in kept}
    unknown = [size for size, value in best.items() if math.isnan(value)]
    if 0 < len(unknown) < len(best):
        sizes = ", ".join(f"{size:g}" for size in unknown)
        raise ValueError(f"expected the {name} of each batch size or of none, got none at {sizes}: fill it in")
    return () if unknown else tuple(best.values())


def _mean(values: list[float]) -> Estimate | float:
    return Estimate.from_samples(values) if len(values) > 1 else values[0]


def _count(readings: tuple[Estimate | float, ...]) -> int:
    """At how many batch sizes something was read."""
    return sum(isinstance(reading, Estimate) or not math.isnan(reading) for reading in readings)


def _too_few(what: str, kept: list[list[dict[str, float]]], readings: tuple[Estimate | float, ...]) -> str:
    known = zip(kept, readings, strict=True)
    sizes = [f"{runs[0]['batch_size']:g}" for runs, found in known if _count((found,))]
    return f"Left out: {what}, known at {', '.join(sizes)} alone, where {BEND} batch sizes are needed."


def _readings(kept: list[list[dict[str, float]]], name: str) -> tuple[Estimate | float, ...]:
    """One for each batch size, nan where none was read."""
    known = [[run[name] for run in runs if not math.isnan(run[name])] for runs in kept]
    return tuple(_mean(values) if values else math.nan for values in known)
