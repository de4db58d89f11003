"""The page *How fast*: what the benchmarks wrote, as tables with bars, and how cost grows with size."""

import html
import itertools
import json
import math
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trainphys.book.publish import PUBLISHED

RESULTS = "benchmarks/results.json"
NARROW_SPACE = "\u202f"  # where no line is broken
PREFIXES = ((1e9, "billion"), (1e6, "million"), (1e3, "thousand"))


def results(root: Path) -> dict[str, dict[str, Any]]:
    """What was measured, by processor."""
    path = root / RESULTS
    if not path.is_file():
        raise FileNotFoundError(f"expected {RESULTS}, got none: run make bench")
    return dict(json.loads(path.read_text("utf8")))


def workloads(root: Path) -> list[dict[str, Any]]:
    """Each workload as it came out on each processor, ``by``, and its goals where they came out worse."""
    found: dict[str, dict[str, Any]] = {}
    for processor, own in results(root).items():
        for workload in itertools.chain(*own["workloads"].values()):
            found.setdefault(workload["name"], {})[processor] = workload
    return [{**next(iter(by.values())), "by": by, "targets": _worse(by)} for by in found.values()]


def _worse(by: dict[str, Any]) -> list[dict[str, Any]]:
    goals: dict[tuple[str, str], dict[str, Any]] = {}
    for target in itertools.chain(*(workload["targets"] for workload in by.values())):
        key = target["against"], target["case"]
        if key not in goals or (target["ratio"] or math.inf) < (goals[key]["ratio"] or math.inf):
            goals[key] = target
    return list(goals.values())


def summary(root: Path) -> str:
    """How many of the goals are reached, on which machines, and the short of it, workload by workload."""
    targets = [target for workload in workloads(root) for target in workload["targets"]]
    reached = sum(bool(target["reached"]) for target in targets)
    missed = sum(target["ratio"] is None for target in targets)
    machines = [own["machine"] for own in results(root).values()]
    listed = "; ".join(
        f"{m['processor']}, {m['cores']} cores, {m['system']}, Python {m['python']}, on {m['date']}" for m in machines
    )
    return "\n".join(
        [
            f"**Found:** {reached} of the {len(targets)} goals that were set before are reached"
            + (f", {missed} could not be measured" if missed else "")
            + f". Timed on: {listed}. Where work was timed on more than one processor, the worse one counts.",
            "",
            "| work | naive way | best peer | limit or budget | goals |",
            "|:--|--:|--:|--:|--:|",
            *(_short(workload) for workload in workloads(root)),
            "",
            "Numbers are times: how long the other way takes for what ours does in one unit of time.",
        ]
    )


def _short(workload: dict[str, Any]) -> str:
    cells = []
    for role in ("naive", "peer", "limit"):
        ratios = [best[role] for best in map(_best, workload["by"].values()) if role in best]
        cells.append(times(min(ratios)) if ratios else "")
    goals = [target["reached"] for target in workload["targets"]]
    link = f'<a href="#{workload["name"]}">{html.escape(workload["title"])}</a>'
    return f"| {link} | {' | '.join(cells)} | {sum(map(bool, goals))} of {len(goals)} |"


def _best(workload: dict[str, Any]) -> dict[str, float]:
    """By role the way that takes least of those that did the work: its time over ours."""
    best: dict[str, float] = {}
    ours = _ours(workload)
    for case in workload["cases"]:
        if ours and case["median"] and not _misses(case, workload):
            best[case["role"]] = min(ratio(case, ours), best.get(case["role"], math.inf))
    return best


def _ours(workload: dict[str, Any]) -> dict[str, Any] | None:
    return next((case for case in workload["cases"] if case["role"] == "ours" and case["median"]), None)


def ratio(case: dict[str, Any], ours: dict[str, Any]) -> float:
    """How many times as long a way takes as ours, by the median of the rounds; goals were judged by the same number."""
    rounds = zip(case["seconds_per_unit"], ours["seconds_per_unit"], strict=True)
    return float(statistics.median(theirs / own for theirs, own in rounds))


def _misses(case: dict[str, Any], workload: dict[str, Any]) -> bool:
    """Whether its error is too large for it to have done the work."""
    return None not in (case["error"], workload["tolerance"]) and case["error"] > workload["tolerance"]


def times(ratio: float) -> str:
    r"""A ratio that can be read at a glance.

    >>> times(85_214.3), times(9.67), times(0.703)
    ('85\u202f000', '9.7', '0.70')
    """
    digits = 2 - math.ceil(math.log10(ratio) + 1e-9)
    return f"{round(ratio, digits):,.{max(0, digits)}f}".replace(",", NARROW_SPACE)


def machine(root: Path) -> str:
    """Limits of each machine, and the versions."""
    lines = []
    for processor, own in results(root).items():
        known = own["machine"]
        rows = [f"| {name} | {value:.3g} |" for name, value in known["limits"].items()]
        versions = ", ".join(f"{name} {version}" for name, version in known["versions"].items())
        lines += [f"| {processor}, one core | |", "|:--|--:|", *rows, "", f"Versions: {versions}.", ""]
    return "\n".join(lines)


def tables(root: Path) -> Iterator[str]:
    """One section of HTML for each workload."""
    for workload in workloads(root):
        yield _table(workload)


def _table(workload: dict[str, Any]) -> str:
    text = html.escape(workload["note"])
    note = f"<p>{text[0].upper()}{text[1:].rstrip('.')}.</p>" if text else ""
    whole = "".join(_on(processor, own) for processor, own in workload["by"].items())
    head = f'<section class="speed" id="{workload["name"]}"><h3>{html.escape(workload["title"])}</h3>'
    return f"{head}{whole}<p>{_targets(workload)}</p>{note}</section>"


def _on(processor: str, workload: dict[str, Any]) -> str:
    """The table of one processor."""
    timed = [case for case in workload["cases"] if case["median"]]
    rates = [1 / case["median"] for case in timed]
    ours = _ours(workload)
    rows = "".join(_row(case, ours, min(rates), max(rates), workload) for case in workload["cases"])
    rate = f"{html.escape(workload['unit'])}s a second"
    words = ("way", rate, "time, ours = 1", "error", "peak MB", "")
    heads = "".join(f'<th scope="col">{word}</th>' for word in words)
    label = html.escape(f"{workload['title']}, {processor}")
    return (
        f"<p>{html.escape(processor)}</p>"
        f'<div class="speed-scroll pst-scrollable-table-container" role="region" aria-label="{label}">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(case: dict[str, Any], ours: dict[str, Any] | None, low: float, high: float, workload: dict[str, Any]) -> str:
    name = f'<th scope="row">{html.escape(case["name"])}</th>'
    if not case["median"]:
        failed = f'<td colspan="5">did not run: {html.escape(case["failure"])}</td>'
        return f'<tr class="speed-{case["role"]}">{name}{failed}</tr>'
    rate = 1 / case["median"]
    low = min(low, high / 10) / 2  # ways that are nearly alike look alike
    width = 100 * math.log(rate / low) / math.log(high / low)
    bar = f'<td class="speed-cell"><span class="speed-bar" style="width:{width:.0f}%"></span></td>'
    error = "" if case["error"] is None or math.isnan(case["error"]) else f"{case['error']:.1e}"
    error += " (too large)" if _misses(case, workload) else ""
    peak = "" if case.get("peak_MB") is None else f"{case['peak_MB']:.0f}"
    against = times(ratio(case, ours)) if ours else ""
    cells = f"<td>{spoken(rate)}</td><td>{against}</td><td>{error}</td><td>{peak}</td>"
    return f'<tr class="speed-{case["role"]}">{name}{cells}{bar}</tr>'


def _targets(workload: dict[str, Any]) -> str:
    """Each goal and what was measured; "at least" is of rates, so a limit may ask for less than one."""
    lines = []
    for target in workload["targets"]:
        goal = f"goal {times(target['at_least'])} times the rate of <i>{html.escape(target['against'])}</i>"
        if target["case"] != "trainphys":
            goal = f"{html.escape(target['case'])}: {goal}"
        if target["ratio"] is None:
            lines.append(f"{goal}, not measured")
        else:
            lines.append(f"{goal}, <b>{times(target['ratio'])}</b> {'reached' if target['reached'] else 'short of it'}")
    found = "; ".join(lines)
    return f"{found[0].upper()}{found[1:]}."


def spoken(rate: float) -> str:
    """A rate that can be read at a glance.

    >>> spoken(1.234e7), spoken(155.2)
    ('12.3 million', '155')
    """
    for size, word in PREFIXES:
        if rate >= size:
            return f"{rate / size:.3g} {word}"
    return f"{rate:.3g}"


def growth(root: Path) -> pd.DataFrame:
    """Kernel, size and seconds, with the slope of log seconds against log size over the upper two decades."""
    found = _grown(root).values()
    table = pd.DataFrame([row for part in found for row in (part["rows"] if isinstance(part, dict) else part)])
    table["slope"] = table.groupby("kernel", group_keys=False)[["size", "seconds"]].apply(_slope)
    return table


def _grown(root: Path) -> dict[str, Any]:
    """Of the processor that it was first measured on."""
    return next(dict(own["growth"]) for own in results(root).values() if "growth" in own)


def _slope(own: pd.DataFrame) -> pd.Series:
    upper = own[own["size"] >= own["size"].max() / 120]
    slope = np.polyfit(np.log(upper["size"]), np.log(upper["seconds"]), 1)[0] if len(upper) > 1 else math.nan
    return pd.Series(slope, index=own.index)


def growth_files(root: Path) -> str:
    """Draw the growth of cost into the published figures; returns words for those who cannot see it."""
    from matplotlib import pyplot as plt

    from trainphys.book.figures import SVG_METADATA

    table, folder = growth(root), root / PUBLISHED / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    table.to_csv(folder / "speed-growth.csv", index=False, float_format="%.6g")
    groups = list(table.groupby("size_name", sort=False))
    fig, axes = plt.subplots(-(-len(groups) // 2), 2, figsize=(7.0, 7.5), layout="constrained", squeeze=False)
    for ax in axes.flat[len(groups) :]:
        ax.set_visible(False)
    for ax, (size_name, rows) in zip(axes.flat, groups, strict=False):
        for (kernel, own), mark in zip(rows.groupby("kernel", sort=False), "osD^v", strict=False):
            ax.loglog(own["size"], own["seconds"], f"{mark}-", label=f"{kernel} ({own['slope'].iloc[0]:.2f})")
        ax.set(xlabel=size_name, ylabel="seconds of one core")
        ax.set_ylim(top=rows["seconds"].max() * 10 ** (0.3 + 0.8 * rows["kernel"].nunique()))  # room for the legend
        ax.legend(fontsize="small", loc="upper left")
    fig.savefig(folder / "speed-growth.svg", metadata=SVG_METADATA)
    plt.close(fig)
    slopes = table.groupby("kernel", sort=False)["slope"].first()
    listed = ", ".join(f"{kernel} {slope:.2f}" for kernel, slope in slopes.items())
    return f"Seconds against size on logarithmic axes are nearly straight lines; their slopes are {listed}."


def memory(root: Path) -> str:
    peak = _grown(root)["growth"]["million_trajectories_peak_MB"]
    return f"A million trajectories, all states seen and none kept, take {peak:.0f} MB of memory, imports included."
