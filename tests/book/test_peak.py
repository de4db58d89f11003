"""How much memory a chapter took: it is measured, written down and bounded."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from trainphys.book import peak

ROOT = Path(__file__).resolve().parents[2]
linux = pytest.mark.skipif(not peak.STATUS.is_file(), reason="the system does not tell")


def ask(before):
    found = subprocess.run([sys.executable, "-c", f"{before}; {peak.ASKS}"], capture_output=True, text=True, check=True)
    return int(found.stdout)


@linux
def test_the_peak_counts_what_is_no_longer_there():
    small, large = (ask(f"import trainphys.book.peak; x = bytearray({size}); del x") for size in (1, 10**8))
    assert 0.9e8 < (large - small) * 1024 < 1.2e8


def test_nothing_is_told_where_the_system_does_not_know(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(peak, "STATUS", tmp_path / "none")
    peak.tell()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("printed", "found"), [("1000000\n", 1024), ("", None)])
def test_a_last_cell_asks_and_leaves_no_trace(tmp_path, printed, found):
    chapter = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1")])
    executed, path = peak.asking(chapter), tmp_path / "done.ipynb"
    assert [cell.source for cell in chapter.cells] == ["x = 1"]
    if printed:
        executed.cells[-1].outputs = [nbformat.v4.new_output("stream", text=printed)]
    nbformat.write(executed, path)
    assert peak.answered(path) == found
    assert nbformat.read(path, 4).cells == chapter.cells


@pytest.mark.site
@pytest.mark.skipif(not (ROOT / "_build/stamp.json").is_file(), reason="needs the built book: make book")
def test_no_chapter_of_the_built_book_takes_more_than_the_limit():
    ran = json.loads((ROOT / "_build/stamp.json").read_text("utf8"))["runs"]
    notes = {
        name: json.loads((ROOT / f"_build/runs/{name}/{run['key'][:16]}.json").read_text("utf8"))
        for name, run in ran.items()
    }
    assert {name: mb for name, note in notes.items() if (mb := note.get("peak_MB") or 0) > peak.LIMIT_MB} == {}
