"""What of a run is published, staged for the site's builder and stamped, file by file."""

import hashlib
import json
from pathlib import Path

import nbformat
import pytest
from jupyter_cache import get_cache

from tests.book.by_hand import GOOD, NAME, PAGE, a_run, figure, judged, keep, record, row, shown, write_book
from trainphys.book import audit, ledger, origin, publish, receipts, stamp, whole
from trainphys.book.chapters import Chapter, code_cells
from trainphys.book.mime import CLAIM_MIME, FIGURE_MIME
from trainphys.book.numbers import SHOWN_MIME
from trainphys.book.readable import References, readable
from trainphys.book.store import Run


def published(root, name):
    return json.loads((root / publish.PUBLISHED / name).read_text("utf8"))


def test_everything_of_a_run_is_published(tmp_path):
    bundles = [*judged(record(*GOOD)), figure(), figure("power-1-more", (), runs="r\n2\n"), shown("always", "each one")]
    run = a_run(tmp_path, *bundles)
    junk = tmp_path / publish.PUBLISHED / "figures/old.svg"
    junk.parent.mkdir(parents=True)
    junk.touch()
    publish.publish([run], tmp_path)
    rows = ledger.rows([run], tmp_path)
    assert published(tmp_path, "ledger.json")["claims"] == rows
    assert published(tmp_path, "execution.json") == [
        {
            "chapter": NAME,
            "seconds": 1.5,
            "peak_MB": None,
            "seed": 0,
            "claims": 1,
            "comparisons": 2,
            "finding": "It falls to 1.2.",
            "shown": [{"phrase": "always", "check": "each one"}],
        }
    ]
    assert published(tmp_path, "values.json") == {NAME: {"low": 1.25}}
    words = {"caption": "Toy.", "alt": "It falls & falls.", "label": 0.0, "chapter": NAME, "seed": 0, "dark": False}
    words |= {"cell": 3, "size": [], "data_sha256": hashlib.sha256(b"x\n1\n").hexdigest()}
    assert published(tmp_path, "figures.json") == [
        {"name": "power-1-toy", "number": "A1.1", "claims": ["A1.1a"], "runs": False, **words},
        {"name": "power-1-more", "number": "A1.2", "claims": [], "runs": True, **words},
    ]
    folder = tmp_path / publish.PUBLISHED / "figures"
    assert {path.name: path.read_bytes() for path in folder.iterdir() if "more" in path.name} == {
        "power-1-more.svg": b"<svg><image/></svg>",
        "power-1-more.pdf": b"pdf",
        "power-1-more.png": b"png",
        "power-1-more.csv": b"x\n1\n",
        "power-1-more-runs.csv": b"r\n2\n",
        "power-1-more.json": (folder / "power-1-more.json").read_bytes(),
    }
    receipt = published(tmp_path, "figures/power-1-more.json")
    assert receipt.pop("environment")["lock_sha256"] == hashlib.sha256(b"numpy==2\n").hexdigest()
    assert receipt == {
        "figure": "power-1-more",
        "number": "A1.2",
        "chapter": NAME,
        "cell": 3,
        "code": 'claim = Claim("A1.1a")\nclaim.verdict()',
        "parameters": {"seed": 0, "draws": 40},
        "run": run.key,
        "modules": [],
        "data_sha256": {
            "power-1-more.csv": words["data_sha256"],
            "power-1-more-runs.csv": hashlib.sha256(b"r\n2\n").hexdigest(),
        },
        "version": "1.0",
        "commit": "",
        "licence": "CC-BY-4.0",
    }
    assert {path.name for path in folder.iterdir() if "toy" in path.name} == {
        f"power-1-toy.{end}" for end in ("svg", "pdf", "png", "csv", "json")
    }
    assert not junk.exists()
    download = nbformat.read(folder.parent / f"notebooks/{NAME}.ipynb", 4)
    assert download == readable(run, References.of([run], tmp_path))


def test_the_sites_builder_finds_each_chapter_executed(tmp_path):
    page = PAGE.replace("Prose.", "```{note}\nA note.\n```")
    run = a_run(tmp_path, *judged(record(*GOOD)), figure(), shown("always", "each one"), page=page)
    junk = tmp_path / "_build/.jupyter_cache/junk"
    junk.mkdir(parents=True)
    publish.stage([run], tmp_path)
    assert not junk.exists()
    cached = get_cache(tmp_path / "_build/.jupyter_cache")
    (entry,) = cached.list_cache_records()
    assert entry.uri == str(run.chapter.path)
    notebook = cached.get_cache_bundle(entry.pk).nb
    first, last = code_cells(notebook)
    assert (first.execution_count, last.execution_count) == (1, 2)
    assert notebook.metadata["language_info"]["name"] == "python"
    card, picture, glued = (output.data for output in last.outputs)
    parts = ("line", "claimed", "overview", "why", "strip", "rows", "closing", "cite")
    pieces = {name: card[CLAIM_MIME].pop(name) for name in parts}
    rest = {"id": "A1.1a", "verdict": "holds", "comparisons": 2, "folded": "", "use": "f(1)", "stood": ""}
    assert card == {CLAIM_MIME: rest}
    assert pieces["line"].startswith("**A1.1a holds.**")
    assert pieces["claimed"].startswith("It ")
    assert pieces["why"].startswith("It 1 does.")
    assert pieces["overview"].count("<i ") == pieces["strip"].count("<i ") == 4
    assert pieces["rows"].count("| loss: gap ") == 2
    assert pieces["closing"] == "*Use instead:* $x$"
    assert "@misc{trainphys-A1.1a," in pieces["cite"]
    shown_as = picture[FIGURE_MIME].pop("published")
    assert (shown_as["number"], shown_as["cell"], shown_as["chapter"]) == ("A1.1", 3, NAME)
    assert picture == {FIGURE_MIME: figure()[FIGURE_MIME]}
    assert SHOWN_MIME not in glued


def test_what_python_printed_is_rounded_and_what_sentences_quote_is_not():
    printed, glued = {"text/plain": "np.float64(0.123456789)"}, {"application/x": "1", "text/plain": "0.123456789"}
    shown = publish._one_form(nbformat.v4.new_output("execute_result", printed), None, 0)
    assert shown["data"] == {"text/plain": "0.1235"}
    assert publish._one_form(nbformat.v4.new_output("display_data", glued), None, 0)["data"] == glued


def test_the_evidence_shows_three_rows_and_folds_all(tmp_path):
    run = a_run(tmp_path, *judged(record(*GOOD, *(row(at={"gap": n}, corrected=1.0) for n in (3, 4)))))
    publish.stage([run], tmp_path)
    cached = get_cache(tmp_path / "_build/.jupyter_cache")
    (entry,) = cached.list_cache_records()
    *_, last = code_cells(cached.get_cache_bundle(entry.pk).nb)
    own = last.outputs[0].data[CLAIM_MIME]
    assert (own["comparisons"], own["rows"].count("| loss: "), own["folded"].count("| loss: ")) == (4, 3, 4)


def test_a_card_says_how_often_its_verdict_stood(tmp_path):
    run = a_run(tmp_path)
    audit.write(tmp_path, audit.Findings(), {"A1.1a": {"1": "holds", "2": "fails"}})
    publish.stage([run], tmp_path)
    (entry,) = get_cache(tmp_path / "_build/.jupyter_cache").list_cache_records()
    *_, last = code_cells(get_cache(tmp_path / "_build/.jupyter_cache").get_cache_bundle(entry.pk).nb)
    assert last.outputs[0].data[CLAIM_MIME]["stood"] == "The verdict stood with 1 of 2 fresh seeds."


def test_chapters_of_one_part_and_one_text_stand_side_by_side(tmp_path):
    first = a_run(tmp_path)
    other = Chapter(tmp_path, "power/2-other")
    other.path.write_text(PAGE, "utf8")
    second = keep(Run(other, {}, first.folder), figure("power-2-toy"), low=3.0)
    publish.publish([first, second], tmp_path)
    publish.stage([first, second], tmp_path)
    assert [own["finding"] for own in published(tmp_path, "execution.json")] == ["It falls to 1.2.", "It falls to 3.0."]
    assert [own["chapter"] for own in published(tmp_path, "figures.json")] == [NAME, other.name]
    for run in (first, second):
        download = nbformat.read(tmp_path / publish.PUBLISHED / f"{run.chapter.docname}.ipynb", 4)
        assert download == readable(run, References.of([first, second], tmp_path))


def test_the_figure_that_leads_is_number_one_and_modules_are_named(tmp_path):
    page = PAGE.replace("finding:", "lead: power-1-more\n  finding:").replace(
        "claim =", "import trainphys.arrays\nclaim ="
    )
    run = a_run(tmp_path, figure(), figure("power-1-more"), page=page)
    assert receipts.numbers(run) == {"power-1-more": "A1.1", "power-1-toy": "A1.2"}
    found = receipts.receipt(run, 3, figure()[FIGURE_MIME])
    assert (found["number"], found["modules"]) == ("A1.2", ["trainphys", "trainphys.arrays"])


def test_code_that_is_not_what_ran_is_never_staged(tmp_path):
    run = a_run(tmp_path)
    code_cells(run.notebook)[0].source = "seed = 1\ndraws = 40"
    with pytest.raises(ValueError, match=f"{NAME}: expected the executed code, got other code"):
        publish.stage([run], tmp_path)


def test_the_site_is_rendered_with_warnings_as_errors(tmp_path, monkeypatch):
    asked = []

    class Done:
        returncode = 0

    monkeypatch.setattr(publish.subprocess, "run", lambda command, **more: asked.append((command, more)) or Done)
    assert publish.render(tmp_path) is True
    ((command, more),) = asked
    assert command[0].endswith("jupyter-book")
    assert command[1:3] == ["build", str(tmp_path)]
    assert command[3:5] == ["--path-output", str(tmp_path / publish.NEXT)]
    assert {"--all", "-n", "-W", "--keep-going"} <= set(command)
    assert more == {"cwd": tmp_path, "check": False}
    Done.returncode = 1
    assert publish.render(tmp_path) is False


@pytest.mark.parametrize("first", [True, False])
def test_the_next_site_and_its_ledger_stand_where_the_last_ones_were(tmp_path, first):
    run = a_run(tmp_path)
    if not first:
        for name in ("html/notebooks/renamed.html", "ledger.json", "last/of_a_build_that_was_killed.html"):
            (tmp_path / "_build" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "_build" / name).write_text("old", "utf8")
    publish.publish([run], tmp_path)
    (tmp_path / publish.RENDERED).mkdir(parents=True)
    (tmp_path / publish.RENDERED / "index.html").write_text("new", "utf8")
    assert (tmp_path / publish.SITE / "index.html").exists() is False
    publish.put_in_place(tmp_path)
    assert ledger.read(tmp_path) == ledger.rows([run], tmp_path)
    assert {path.name: path.read_text("utf8") for path in (tmp_path / publish.SITE).rglob("*")} == {"index.html": "new"}
    assert {path.name for path in (tmp_path / "_build").iterdir()} == {"runs", "html", "ledger.json"}


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a/ledger.json"
    whole.write_json(path, {"b": "ä", "a": 1}, sort_keys=True)
    assert path.read_text("utf8") == '{\n "a": 1,\n "b": "ä"\n}\n'

    def half(draft, text, encoding):
        draft.write_bytes(text.encode(encoding)[:2])
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "write_text", half)
    with pytest.raises(OSError, match="No space left"):
        whole.write_json(path, {"a": 2})
    assert path.read_text("utf8").startswith('{\n "a": 1')
    assert [own.name for own in path.parent.iterdir()] == ["ledger.json"]


@pytest.fixture
def stamped(tmp_path):
    """A site that was built and checked, and the run behind it."""
    run = a_run(tmp_path)
    for name in (
        *origin.SOURCES[:2],
        origin.SOURCES[3],
        f"{stamp.SITE}/a.html",
        f"{stamp.SITE}/b/c.html",
        ledger.WRITTEN,
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", "utf8")
    stamp.write(tmp_path, stamp.sources(tmp_path), [run])
    assert is_stamped(tmp_path, run)
    return run


def is_stamped(root, *runs):
    return stamp.matches(root, stamp.sources(root), runs)


@pytest.mark.parametrize(
    "path", ["_config.yml", "_toc.yml", "requirements.lock", "benchmarks/results.json", "book/project.yml"]
)
def test_a_changed_source_unmakes_the_stamp(stamped, tmp_path, path):
    (tmp_path / path).write_text("other", "utf8")
    assert not is_stamped(tmp_path, stamped)


def test_a_commit_unmakes_the_stamp(stamped, tmp_path, monkeypatch):
    monkeypatch.setattr(origin, "words", lambda found: "made from another")
    assert not is_stamped(tmp_path, stamped)


def test_any_change_to_what_was_built_unmakes_the_stamp(stamped, tmp_path):
    site = tmp_path / stamp.SITE
    for change, undo in (
        (lambda: (site / "a.html").write_text("y"), lambda: (site / "a.html").write_text("x")),
        (lambda: (site / "a.html").rename(site / "d.html"), lambda: (site / "d.html").rename(site / "a.html")),
        (lambda: (site / "e").mkdir(), lambda: (site / "e").rmdir()),
        (lambda: (tmp_path / ledger.WRITTEN).write_text("y"), lambda: (tmp_path / ledger.WRITTEN).write_text("x")),
    ):
        change()
        assert not is_stamped(tmp_path, stamped)
        undo()
        assert is_stamped(tmp_path, stamped)
    (site / "a.html").write_text("")
    (site / "b/c.html").write_text("xx")
    assert not is_stamped(tmp_path, stamped)


def test_a_stamp_is_of_these_runs_and_is_gone_when_removed(stamped, tmp_path):
    assert not is_stamped(tmp_path)
    assert not stamp.matches(tmp_path, "other", [stamped])
    other = Run(stamped.chapter, {"seed": 1}, stamped.folder)
    assert not is_stamped(tmp_path, other)
    (tmp_path / stamp.STAMP).write_text("{", "utf8")
    assert is_stamped(tmp_path, stamped) is False
    stamp.remove(tmp_path)
    stamp.remove(tmp_path)
    assert is_stamped(tmp_path, stamped) is False
    assert not list((tmp_path / "_build").glob("*.draft"))


def test_the_stamp_is_of_the_code_that_makes_pages(tmp_path, monkeypatch):
    write_book(tmp_path)
    for name in ("_config.yml", "benchmarks/results.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    before = stamp.sources(tmp_path)
    asked = []
    monkeypatch.setattr(stamp.provenance, "source_digest", lambda names: asked.extend(names) or "x")
    assert stamp.sources(tmp_path) != before
    assert {"trainphys.book.commands", "trainphys.book.site"} <= set(asked)


def test_a_figure_that_is_no_heat_map_has_a_twin_for_dark_pages(tmp_path):
    bundle = figure()
    bundle[FIGURE_MIME]["svg"] = '<svg width="36pt" viewBox="0 0 36 72.6"><path style="fill: #ffffff"/></svg>'
    publish.publish([a_run(tmp_path, bundle)], tmp_path)
    known = published(tmp_path, "figures.json")[0]
    assert (known["dark"], known["size"]) == (True, [48, 97])
    twin = tmp_path / publish.PUBLISHED / "figures/power-1-toy-dark.svg"
    assert twin.read_text("utf8") == bundle[FIGURE_MIME]["svg"].replace("<svg ", '<svg fill="#e6e6e6" ').replace(
        "#ffffff", "#121212"
    )
