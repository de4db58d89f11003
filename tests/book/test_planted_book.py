"""Errors planted in a book: each must stop it, with a message that names the place."""

import json

import pytest

from tests.conftest import CHAPTER

PAGE = f"notebooks/{CHAPTER}.md"


def test_an_untouched_book_builds(toy):
    assert "1 holds" in toy.succeeds("build")
    rows = json.loads((toy.root / "_build/ledger.json").read_text("utf8"))
    assert len(rows) == 117
    assert [row["id"] for row in rows if row["verdict"] != "pending"] == ["A7.1a"]


PLANTED = [
    ("broken notebook", PAGE, "glue(mean", "raise RuntimeError('planted')\nglue(mean", "RuntimeError: planted"),
    ("wrong law", PAGE, "stated=1.0, corrected=1.0", "stated=1.01, corrected=1.0", "expected holds, got fails"),
    ("wrong corrected law", PAGE, "corrected=1.0", "corrected=1.01", "expected the corrected law 1.01"),
    ("toothless check", PAGE, "draws = 4000", "draws = 8", "expected a check that notices 10%"),
    ("a bar in a condition", PAGE, '"n": draws', '"|n|": draws', "expected words without |"),
    ("no verdict", PAGE, "claim.verdict()", "pass", "expected a verdict, got none"),
    ("missing glue key", PAGE, "glue(mean=", "glue(average=", "mean"),
    ("typed result", PAGE, "shows the draws.", "shows a mean of 1.0.", "got typed digits"),
    ("typed result in a formula", PAGE, "shows the draws.", r"shows $m\approx 1$.", "got typed digits"),
    ("reference to nothing", PAGE, "{numref}`power-7-toy`", "{numref}`power-7-toys`", "power-7-toys"),
    ("dead link", PAGE, "shows the draws.", "shows [draws](nowhere.md).", "nowhere"),
    ("no alt text", PAGE, "Fifty draws scatter evenly around one, without a trend.", "", "alt text that states"),
    (
        "path as alt text",
        PAGE,
        "Fifty draws scatter evenly around one, without a trend.",
        "figures/a.png",
        "alt text",
    ),
    ("raw dead anchor", "book/cite.md", "ledger.html#B7.1c", "ledger.html#B7.9z", "expected an anchor"),
    (
        "picture from another host",
        "book/cite.md",
        "## Licence",
        '<img src="https://example.org/a.png" alt="A picture of something">\n\n## Licence',
        "expected everything from this site",
    ),
    (
        "script from another host",
        "book/cite.md",
        "## Licence",
        '<script src="https://example.org/a.js"></script>\n\n## Licence',
        "expected everything from this site",
    ),
    ("font from another host", "book/static/site.css", ":root", "@import 'https://example.org/f';\n:root", "loads"),
    ("verdict nobody reached", "book/claims/A.yml", "expected: pending", "expected: holds", "no verdict from any"),
]


@pytest.mark.parametrize(("path", "old", "new", "message"), [p[1:] for p in PLANTED], ids=[p[0] for p in PLANTED])
def test_planted(toy, path, old, new, message):
    toy.edit(path, old, new)
    text = toy.fails("build")
    assert message in text, text
    if path == PAGE:
        assert CHAPTER in text


def test_a_chapter_outside_the_cache_is_never_executed_by_the_site_builder(toy):
    """The site's builder gets a chapter that was not staged: it must refuse, not run it."""
    import subprocess
    import sys
    from pathlib import Path

    toy.succeeds("build")
    toy.edit(PAGE, "draws = 4000", "draws = 4001")
    done = subprocess.run(
        [Path(sys.executable).with_name("jupyter-book"), "build", ".", "--all", "-n", "-W", "--keep-going"],
        cwd=toy.root,
        env=toy.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "got one that is not: run make book" in done.stdout + done.stderr
