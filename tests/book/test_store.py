"""The store of runs: what is trusted, and what of a run is shown with the text of today."""

import json
import math

import nbformat
import pytest

from tests.book.by_hand import GOOD, NAME, PAGE, a_run, entry, judged, keep, record, shown, write_book
from trainphys.book import store
from trainphys.book.chapters import code_cells
from trainphys.book.mime import CLAIM_MIME
from trainphys.book.store import Run, run_key


def test_a_run_is_done_while_notebook_and_note_are_those_that_were_kept(tmp_path):
    run = a_run(tmp_path)
    assert run.path == tmp_path / "_build/runs" / NAME / f"{run.key[:16]}.ipynb"
    assert json.loads(run.path.with_suffix(".json").read_text("utf8")) == run.note
    assert set(run.note) == {"key", "sha256", "seconds", "peak_MB"}
    assert run.is_done()
    assert list(run.path.parent.glob("*.draft")) == []
    for field in ("key", "sha256"):
        run.path.with_suffix(".json").write_text(json.dumps({**run.note, field: "x"}), "utf8")
        assert not run.is_done()
        a_run(tmp_path)
        assert run.is_done()
    run.path.unlink()
    assert not run.is_done()


@pytest.mark.parametrize("damage", ["", "{", "[1]", "3"])
def test_a_damaged_note_is_none(tmp_path, damage):
    run = a_run(tmp_path)
    run.path.with_suffix(".json").write_text(damage, "utf8")
    assert run.note == {"key": "", "sha256": "", "seconds": 0.0, "peak_MB": None}
    assert not run.is_done()
    with pytest.raises(FileNotFoundError, match=f"expected {NAME} to have been run, found no whole run"):
        run.notebook  # noqa: B018


def test_the_time_expected_is_the_longest_that_the_chapter_ever_took(tmp_path):
    chapter = write_book(tmp_path)
    plain, other = (Run(chapter, own, tmp_path / "runs") for own in ({}, {"seed": 1}))
    assert plain.expected_seconds() == math.inf
    keep(plain, seconds=3.14159)
    keep(other, seconds=2.0)
    assert plain.note["seconds"] == 3.14
    assert plain.expected_seconds() == other.expected_seconds() == 3.14
    assert other.all_parameters == {"seed": 1, "draws": 40}


def test_the_text_of_today_stands_beside_the_outputs_of_the_run(tmp_path):
    a_run(tmp_path)
    chapter = write_book(
        tmp_path,
        entry("A1.1a", expected="holds", statement="It rises.", reason="By [[low:.2f]]."),
        page=PAGE.replace("Prose.", "Other prose.\n\n```python\nno cell\n```"),
    )
    run = Run(chapter, {}, tmp_path / "_build/runs")
    assert run.is_done()
    notebook = run.notebook
    assert any("Other prose." in cell.source for cell in notebook.cells)
    first, last = code_cells(notebook)
    assert (first.source, first.execution_count, first.outputs) == ("seed = 0\ndraws = 40", 1, [])
    assert last.execution_count == 2
    (card,) = [o.data["text/markdown"] for o in last.outputs if CLAIM_MIME in o.data]
    assert card.startswith("**A1.1a holds.** It rises. In symbols: $x=1$\n\nBy 1.25.\n")
    assert notebook.metadata["language_info"] == {"name": "python"}
    assert run.glued == {"low": 1.25}
    assert chapter.notebook.cells[-1].outputs == []  # the chapter's own text is left alone


def test_a_run_of_other_cells_is_refused(tmp_path):
    run = a_run(tmp_path)
    executed = nbformat.read(run.path, as_version=4)
    executed.cells.append(nbformat.v4.new_code_cell("more"))
    draft = tmp_path / "draft.ipynb"
    nbformat.write(executed, draft)
    again = Run(run.chapter, {}, run.folder)
    again.keep(draft, 1.0)
    with pytest.raises(ValueError, match="zip"):
        again.notebook  # noqa: B018


def test_everything_that_outputs_depend_on_is_in_the_key(tmp_path, monkeypatch):
    chapter = write_book(tmp_path)
    plain = run_key(chapter, {})
    assert run_key(write_book(tmp_path), {}) == plain
    others = [run_key(chapter, {"seed": 1}), run_key(chapter, {"seed": 2}), run_key(chapter, {"draws": 1})]
    others += [run_key(chapter, {}, bend) for bend in ("up", "down")]
    pages = {
        "code": PAGE.replace("draws = 40", "draws = 41"),
        "tags": PAGE.replace("[hide-input]", "[raises-exception]"),
        "modules": PAGE.replace("seed = 0", "import trainphys.estimate\nseed = 0"),
    }
    others += [run_key(write_book(tmp_path, page=page), {}) for page in pages.values()]
    claims = {"symbols": {"x": "x"}, "formula": {"x": "1"}}
    others += [run_key(write_book(tmp_path, entry("A1.1a", **claims)), {})]
    chapter = write_book(tmp_path)
    (tmp_path / "requirements.lock").write_text("numpy==3\n", "utf8")
    others.append(run_key(chapter, {}))
    write_book(tmp_path)
    for owner, name, value in ((store, "FORMAT", 99), (store.sys, "version_info", (3, 99, 0))):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, value)
            others.append(run_key(chapter, {}))
    assert len({plain, *others}) == 1 + len(others)
    assert run_key(chapter, {"a": 1, "b": 2}) == run_key(chapter, {"b": 2, "a": 1})
    assert (
        run_key(write_book(tmp_path, page=PAGE.replace("Prose.", "More.").replace("[hide-input]", "[]")), {}) == plain
    )


def test_docstrings_count_where_a_chapter_may_show_them(tmp_path, monkeypatch):
    asked = []
    digest = store.provenance.source_digest
    monkeypatch.setattr(
        store.provenance, "source_digest", lambda names, whole: asked.append((list(names), whole)) or digest([])
    )
    for added in ("", "print(f.__doc__)", "inspect.getsource(f)", "help(f)", "import trainphys.estimate, os"):
        run_key(write_book(tmp_path, page=PAGE.replace("seed = 0", f"seed = 0\n{added}")), {})
    assert asked == [([], False), ([], True), ([], True), ([], True), (["trainphys.estimate"], False)]
    assert store.SHOWS_SOURCES.search(b"function??")


def test_only_outputs_of_claims_get_a_new_card(tmp_path):
    run = a_run(tmp_path, *judged(record(*GOOD)), shown("always", "each"))
    last = code_cells(run.notebook)[-1]
    assert [set(output.data) for output in last.outputs][1] == set(shown("", ""))
