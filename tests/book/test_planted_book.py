"""Errors planted in a book: each must stop it, with a message that names the place; one build meets a stage's."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from matplotlib import pyplot as plt

from tests.conftest import CHAPTER
from trainphys.book import figure, publish

PAGE = f"notebooks/{CHAPTER}.md"


def test_an_untouched_book_builds(built):
    assert "1 holds" in built.succeeds("build")
    rows = json.loads((built.root / "_build/ledger.json").read_text("utf8"))
    assert len(rows) == 117
    assert [row["id"] for row in rows if row["verdict"] != "pending"] == ["A7.1a"]


def test_typed_results_stop_it_before_anything_runs(toy):
    toy.edit(PAGE, "shows the draws.", "shows a mean of 1.0.\n\nIt shows $m\\approx 1$.")
    text = toy.fails("build")
    for line in ("shows a mean of 1.0.", r"It shows $m\approx 1$."):
        assert re.search(
            rf"{PAGE}:\d+: expected numbers from the run \(glue\), got typed digits: .*{re.escape(line)}", text
        )


def test_a_broken_chapter_stops_it(toy):
    toy.edit(PAGE, "glue(mean", "raise RuntimeError('planted')\nglue(mean")
    text = toy.fails("build")
    assert re.search(rf"{CHAPTER}, cell \d+.*RuntimeError: planted", text), text


# a claim that the book expects to hold; the chapter's code about it (None: no chapter); what the runner must say of it
JUDGED = [
    (
        "A1.1a",
        "claim.compare(quantity='mean', at=at, measured=m, stated=1.01, corrected=1.0)",
        "expected holds, got fails",
    ),
    (
        "A1.1b",
        "claim.compare(quantity='mean', at=at, measured=m, stated=1.0, corrected=1.01)",
        "expected the corrected law 1.01",
    ),
    (
        "A1.2a",
        "claim.compare(quantity='mean', at=at, measured=Estimate.from_samples(x[:8]), stated=1.0, corrected=1.0)",
        "expected a check that notices 10%",
    ),
    (
        "A1.2b",
        'claim.compare(quantity="mean", at={"|draws|": draws}, measured=m, stated=1.0, corrected=1.0)',
        "expected words without |",
    ),
    ("A2.1a", "", "expected a verdict, got none"),
    ("B1.1a", None, "no verdict from any"),
]


def test_wrong_or_idle_or_missing_evidence_stops_it(toy):
    cells = ['at, m = {"draws": draws}, Estimate.from_samples(x)']
    for claim, code, _ in JUDGED:
        path = toy.root / f"book/claims/{claim[0]}.yml"
        entries = yaml.safe_load(path.read_text("utf8"))
        entry = next(entry for entry in entries if entry["id"] == claim)
        entry.update(expected="holds", reason="A toy.", corrected="$x$")
        path.write_text(yaml.safe_dump(entries, sort_keys=False, allow_unicode=True), "utf8")
        if code is not None:
            cells += [f'claim = Claim("{claim}")', code, "claim.verdict()" if code else ""]
    with toy.chapter.open("a", encoding="utf8") as page:
        page.write("\n```{code-cell} ipython3\n" + "\n".join(filter(None, cells)) + "\n```\n")
    lines = toy.fails("build").splitlines()
    for claim, code, message in JUDGED:
        (said,) = [line for line in lines if claim in line and message in line]
        assert code is None or CHAPTER in said


@pytest.mark.parametrize("alt", ["", "figures/a.png", "see a.png for what it is like"])
def test_a_figure_without_words_is_refused(alt):
    with pytest.raises(ValueError, match="alt text that states"):
        figure("power-7-toy", plt.figure(), data=pd.DataFrame({"x": [1]}), caption="Draws.", alt=alt)
    plt.close("all")


def test_what_does_not_resolve_stops_it(toy):
    toy.edit(PAGE, "`mean:.2f`", "`average:.2f`")
    toy.edit(PAGE, "{numref}`power-7-toy` shows the draws.", "{numref}`power-7-toys` shows [draws](nowhere.md).")
    text = toy.fails("build")
    for word in ("average", "power-7-toys", "nowhere"):
        assert any(word in line and CHAPTER in line for line in text.splitlines()), text


def test_what_no_reader_should_meet_on_a_page_stops_it(toy):
    toy.edit("book/cite.md", "ledger.html#B7.1c", "ledger.html#B7.9z")
    picture, script = '<img src="https://example.org/a.png" alt="A picture of something">', "https://example.org/a.js"
    toy.edit("book/cite.md", "## Licence", f'{picture}\n<script src="{script}"></script>\n\n## Licence')
    toy.edit("book/static/site.css", ":root", "@import 'https://example.org/f';\n:root")
    lines = toy.fails("build").splitlines()
    for where, message in (
        ("cite", "expected an anchor behind the link ledger.html#B7.9z"),
        ("cite", "expected everything from this site, got https://example.org/a.png"),
        ("cite", f"expected everything from this site, got {script}"),
        ("site.css", "loads @import 'https://example.org/f"),
    ):
        assert any(where in line and message in line for line in lines), message


def test_a_chapter_outside_the_cache_is_never_executed_by_the_site_builder(built):
    """The site's builder gets a chapter that was not staged: it must refuse, not run it."""
    built.edit(PAGE, "draws = 4000", "draws = 4001")
    shutil.copytree(built.root / "_build/html", built.root / publish.PUBLISHED)  # what its pages read
    done = subprocess.run(
        [Path(sys.executable).with_name("jupyter-book"), "build", ".", "--all", "-n", "-W", "--keep-going"],
        cwd=built.root,
        env=built.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "got one that is not: run make book" in done.stdout + done.stderr
