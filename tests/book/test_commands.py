"""The commands, in this process and on a run that is written by hand: what they run, print and refuse."""

import errno
import json
import os
import re
import types

import pytest
from click.testing import CliRunner

from tests.book.by_hand import GOOD, NAME, PAGE, a_run, entry, judged, keep, record, row, write_book
from trainphys.book import audit, commands, ledger
from trainphys.book.arguments import parameters
from trainphys.book.audit import Findings
from trainphys.book.run import Failure


@pytest.fixture
def book(tmp_path, monkeypatch):
    """Commands on a book whose chapters only ``executed`` remembers."""
    monkeypatch.setenv("TRAINPHYS_ROOT", str(tmp_path))
    asked = []
    monkeypatch.setattr(commands.runner, "execute", lambda todo, **more: asked.append((todo, more)) or [])
    a_run(tmp_path)
    return asked


def call(*arguments, code=0):
    done = CliRunner().invoke(commands.main, arguments)
    assert done.exit_code == code, (done.output, done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.output


def test_run_executes_the_chosen_chapters_and_says_how_long_each_took(book, tmp_path):
    call("run", NAME, "-j", "3", "--again", "--cluster", "tcp://a:1", "--seed", "0")
    ((todo, more),) = book
    assert (len(todo), todo[0].parameters) == (1, {"seed": 0})
    assert more == {"jobs": 3, "again": True, "cluster": "tcp://a:1"}
    (done,) = commands.runner.runs([todo[0].chapter])
    assert call("run") == f"{NAME}  1.5 s  {done.path.relative_to(tmp_path)}\n"
    assert book[-1][1] == {"jobs": None, "again": False, "cluster": None}
    call("run", "power", "--quick")
    assert book[-1][0][0].parameters == {"draws": 5}


def test_a_chapter_is_chosen_by_its_number_and_run_with_parameters(book):
    for name in ("A1", "power/1"):
        call("run", name, "-p", "draws=7", "-p", "seed=2")
        assert book[-1][0][0].parameters == {"draws": 7, "seed": 2}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("seed", "expected NAME=VALUE such as seed=7, got 'seed'"),
        ("walkers=3", "got walkers"),
        ("=3", "NAME=VALUE"),
        ("seed=[", "NAME=VALUE"),
        ("seed=1.5", "expected seed such as 0, got 1.5"),
        ("seed=true", "expected seed such as 0, got True"),
        ("seed=", "expected seed such as 0, got None"),
    ],
)
def test_parameters_that_are_none_are_refused(book, given, message):
    assert message in " ".join(call("run", "A1", "-p", given, code=2).split())
    assert book == []


def test_outside_a_clone_a_command_says_so(tmp_path, monkeypatch):
    monkeypatch.delenv("TRAINPHYS_ROOT", raising=False)
    monkeypatch.chdir(tmp_path)
    assert "run inside a clone" in call("run", code=1)


def test_numbers_are_read_as_they_are_printed():
    assert parameters(("tolerance=1e-07", "rate=.5", "name=a", "runs=[1, 2]")) == {
        "tolerance": 1e-7, "rate": 0.5, "name": "a", "runs": [1, 2],
    }  # fmt: skip


def test_a_folder_for_words_is_there_before_anything_runs(book, tmp_path):
    assert "--words" in call("verify", "--words", str(tmp_path / "none/words.json"), code=2)
    assert book == []


def test_a_disk_that_is_read_only_is_told_in_a_line(book, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(commands.runner, "execute", full)
    assert "Error: [Errno 30] Read-only file system" in call("run", code=1)


def test_what_was_not_built_is_not_measured(book):
    assert "got none: run make book first" in " ".join(call("measure", code=1).split())


def test_one_wrong_name_beside_a_right_one_is_refused(book):
    assert "got nowhere" in " ".join(call("run", "A1", "nowhere", code=2).split())


@pytest.mark.parametrize("name", ["pow", "power/", "nowhere"])
def test_a_name_that_is_no_chapter_is_refused_with_those_there_are(book, name):
    assert f"expected chapters or parts of {NAME}; got {name}" in call("run", name, code=2).replace("\n", " ")
    assert book == []


@pytest.mark.parametrize("options", [("--seed", "-1"), ("-j", "0")])
def test_numbers_below_the_least_are_refused(book, options):
    assert f"{options[1]} is not in the range" in call("run", *options, code=2)


def test_what_fails_is_printed_and_counted(builder, monkeypatch):
    failures = [Failure("a", 1, (), "one"), Failure("b", 2, (), "two")]
    monkeypatch.setattr(commands.runner, "execute", lambda todo, **more: failures)
    for arguments in (["run"], ["verify"], ["verify", "--claim", "A1.1a"], ["build"]):
        assert call(*arguments, code=1) == "a, cell 1: one\nb, cell 2: two\n2 problems; nothing was published.\n"
        failures.pop()
        assert call(*arguments, code=1).endswith("\n1 problem; nothing was published.\n")
        failures.append(Failure("b", 2, (), "two"))


def test_verify_counts_the_words_of_the_whole_book(book):
    assert call("verify") == "2 claims: 1 holds, 1 pending\n"
    assert book[-1][1] == {"jobs": None, "again": False, "cluster": None}


def test_verify_writes_the_words_of_this_system_even_when_a_chapter_fails(book, tmp_path, monkeypatch):
    call("verify", "--words", str(tmp_path / "words.json"))
    assert [list(own.values()) for own in json.loads((tmp_path / "words.json").read_text()).values()] == [
        ["holds"],
        ["pending"],
    ]
    monkeypatch.setattr(commands.runner, "execute", lambda todo, **more: [Failure("a", 1, (), "one")])
    monkeypatch.setattr(commands.stood, "write", lambda to, rows: to.write_text("kept"))
    call("verify", "--words", str(tmp_path / "words.json"), code=1)
    assert (tmp_path / "words.json").read_text() == "kept"


def test_verify_prints_the_evidence_of_one_claim_and_runs_it_afresh(book, tmp_path):
    evidence = [
        row(1.0, 1.0, corrected=2.0, rtol=0.5, rtol_reason="half", reading="first"),
        row(0.0, None, not_stated="unsaid", corrected=0.0, fitted=True, at={"loss": "flat"}, reference=-3.5),
        row(1.0, 2.0, relation="<="),
    ]
    a_run(tmp_path, *judged(record(claim_id="B2.1a", declared="definition"), record(*evidence)))
    lines = call("verify", "--claim", "A1.1a", code=1).splitlines()
    assert lines[:12] == [
        "A1.1a (A, section 1.1): It falls.",
        "",
        "loss: gap 0.01 [first]",
        "  stated == 1 (agrees)   corrected == 2 (agrees)",
        "  measured 1   stderr 0.001 (n = 100)   tolerance 0.0052 + 0.5 x prediction   notices 50.34%",
        "loss: loss: flat",
        "  stated == not tested (unsaid)   corrected == 0 (fitted to it)   reference == -3.5 (disagrees)",
        "  measured 0   stderr 0.001 (n = 100)   tolerance 0.0052 + 0 x prediction   notices -",
        "loss: gap 0.01",
        "  stated <= 2 (agrees)",
        "  measured 1   stderr 0.001 (n = 100)   tolerance 0.0052 + 0 x prediction   notices 0.34%",
        "",
    ]
    assert lines[12] == "verdict: holds (expected holds): A1.1a holds in both readings."
    assert any("expected the exact solution -3.5" in line for line in lines)
    ((todo, more),) = book
    assert (len(todo), more["again"]) == (1, True)


def test_verify_of_one_claim_asks_nothing_of_the_others(book, tmp_path):
    chapter = write_book(tmp_path, entry("A1.1a", expected="holds"), entry("B1.1a", expected="fails"))
    keep(commands.runner.runs([chapter])[0], *judged(record(*GOOD)))
    assert call("verify", "--claim", "A1.1a").endswith("verdict: holds (expected holds): A1.1a holds.\n")
    assert "claim B1.1a: expected fails, got no verdict" in call("verify", code=1)


@pytest.mark.parametrize(("claim", "message"), [("Z9.9z", "expected the id of a claim"), ("B2.1a", "still pending")])
def test_verify_refuses_a_claim_that_is_not_judged(book, claim, message):
    text = call("verify", "--claim", claim, code=2)
    assert "Invalid value for --claim: " in text
    assert message in text


def test_small_sizes_draw_no_verdict(book, tmp_path):
    (small,) = commands.runner.runs(commands.find_chapters(tmp_path), quick=True)
    keep(small, *judged(record(row(1.0, 2.0))))
    assert call("verify", "--quick") == "Small sizes: the chapters run; no verdict is drawn from them.\n"
    assert [one.parameters for one in book[-1][0]] == [{"draws": 5}]
    (seeded,) = commands.runner.runs(commands.find_chapters(tmp_path), seed=2)
    keep(seeded, *judged(record(row(1.0, 2.0))), low=1.0)
    assert "expected holds, got fails" in call("verify", "--seed", "2", code=1)
    assert [one.parameters for one in book[-1][0]] == [{"seed": 2}]


@pytest.fixture
def builder(book, tmp_path, monkeypatch):
    """A build whose steps are only remembered."""
    steps, faults = [], []
    for name in ("start", "survives"):
        (tmp_path / f"book/{name}.md").write_text("Prose.\n", "utf8")
    for name in ("_config.yml", "benchmarks/results.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}", "utf8")
    monkeypatch.setattr(commands.publish, "stage", lambda todo, root: steps.append("stage"))

    def render(root):
        steps.append("render")
        (root / commands.publish.RENDERED).mkdir(parents=True)
        (root / commands.publish.RENDERED / "index.html").write_text(f"site {len(steps)}", "utf8")
        return "warnings" not in faults

    monkeypatch.setattr(commands.publish, "render", render)
    problems = lambda site: [f for f in faults if f == "dead link"]  # noqa: E731
    monkeypatch.setattr(commands.check_site, "problems", problems)
    return steps, faults


def test_a_build_renders_what_has_changed_and_counts(builder, book, tmp_path, monkeypatch):
    steps, _ = builder
    clock = types.SimpleNamespace(perf_counter=iter([100.0, 112.4]).__next__)
    with monkeypatch.context() as patch:
        patch.setattr(commands, "time", clock)
        text = call("build", "-j", "2", "--cluster", "tcp://a:1")
    assert text == "2 claims: 1 holds, 1 pending\nOpen _build/html/index.html (made in 12 s).\n"
    assert book[-1][1] == {"jobs": 2, "cluster": "tcp://a:1"}
    assert steps == ["stage", "render"]
    assert len(ledger.read(tmp_path)) == 2
    call("build")
    assert steps == ["stage", "render"]
    (tmp_path / "_config.yml").write_text("x", "utf8")
    call("build")
    assert steps == ["stage", "render"] * 2


@pytest.mark.parametrize(
    ("fault", "message"), [("warnings", "expected a build without warnings"), ("dead link", "dead link")]
)
def test_a_build_that_fails_leaves_the_last_site_and_ledger(builder, tmp_path, fault, message):
    call("build")
    steps, faults = builder
    built = [tmp_path / "_build" / name for name in ("html/index.html", "ledger.json", "stamp.json")]
    before = [path.read_bytes() for path in built]
    faults.append(fault)
    claims = tmp_path / "book/claims/B.yml"
    text = claims.read_text("utf8")
    claims.write_text(text.replace("It  falls.", "It rises."), "utf8")
    commands.project.claims.cache_clear()
    assert message in call("build", code=1)
    assert [path.read_bytes() for path in built] == before
    claims.write_text(text, "utf8")
    commands.project.claims.cache_clear()
    call("build")  # the last site is the one of these sources: there is nothing to do
    assert len(steps) == 4
    claims.write_text(text.replace("It  falls.", "It rises."), "utf8")
    commands.project.claims.cache_clear()
    faults.clear()
    call("build")
    assert len(steps) == 6
    assert [path.read_bytes() == old for path, old in zip(built, before, strict=True)] == [False] * 3


def test_a_build_refuses_typed_results_in_chapters_and_pages_before_it_runs(builder, book, tmp_path):
    for path in (f"notebooks/{NAME}.md", "book/start.md", "book/survives.md"):
        text = (tmp_path / path).read_text("utf8")
        line = text.count("\n") + 2
        (tmp_path / path).write_text(text + "\nIt is 3 here.\n", "utf8")
        message = f"{path}:{line}: expected numbers from the run (glue), got typed digits: It is 3 here.\n"
        assert call("build", code=1) == message + "1 problem; nothing was published.\n"
        (tmp_path / path).write_text(text, "utf8")
    write_book(tmp_path, page=PAGE.replace("It falls to", "It always falls to"))
    assert "finding: expected always tied to a check" in call("build", code=1)
    assert book == []


def test_a_build_refuses_what_the_ledger_refuses(builder, tmp_path):
    a_run(tmp_path, *judged(record(row(1.0, 2.0, corrected=1.0))))
    assert "expected holds, got fails" in call("build", code=1)
    assert not (tmp_path / ledger.WRITTEN).exists()


def test_pruning_leaves_the_present_book_and_what_is_in_use(book, tmp_path):
    (live,) = commands.runner.runs(commands.find_chapters(tmp_path))
    (other,) = commands.runner.runs(commands.find_chapters(tmp_path), seed=3)
    keep(other, *judged(record(*GOOD)))
    for name in ("runs/draft/tmp1/given.ipynb", "runs/power/0-renamed/a.json", "kept/a.pkl", "kept/b.lock", "html/a"):
        (tmp_path / "_build" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "_build" / name).touch()
    everything = sorted((tmp_path / "_build").rglob("*"))
    assert "0 files are gone" in call("prune")
    assert sorted((tmp_path / "_build").rglob("*")) == everything
    for path in everything:
        os.utime(path, (0, 0))
    (tmp_path / "_build/kept/a.pkl").touch()
    assert "5 files are gone" in call("prune")
    left = {path for path in (tmp_path / "_build").rglob("*") if path.is_file()}
    in_use = {tmp_path / "_build" / name for name in ("kept/a.pkl", "html/a")}
    assert left == {live.path, live.path.with_suffix(".json"), *in_use}
    assert live.is_done()
    assert "1 files are gone" in call("prune", "--days", "0")
    assert not (tmp_path / "_build/runs/power/0-renamed").exists()


def broken(path, old, new, message):
    return pytest.param(path, old, new, message, id=path)


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        broken("_toc.yml", "root:", "root: [", r"expected YAML in \S+/_toc.yml, got: .* line \d+"),
        broken("book/claims/A.yml", "- id:", "- [ id:", r"expected YAML in \S+/A.yml, got: .* line \d+"),
        broken("book/claims/B.yml", "kind:", "sort:", r"expected claims with .*kind.* in \S+/B.yml, got .*B2.1a"),
        broken(
            f"notebooks/{NAME}.md", "quick: {", "quick: {{", rf"expected front matter in YAML of \S+{NAME}.md, got: "
        ),
        broken(f"notebooks/{NAME}.md", "claim = C", "claim = = C", rf"expected Python in code cell 2 of \S+{NAME}.md"),
        broken(
            f"notebooks/{NAME}.md", "draws = 40", "= = 40", rf"expected Python in the parameters cell of \S+{NAME}.md"
        ),
    ],
)
def test_a_source_that_cannot_be_read_is_named(book, tmp_path, path, old, new, message):
    text = (tmp_path / path).read_text("utf8")
    assert old in text
    (tmp_path / path).write_text(text.replace(old, new, 1), "utf8")
    commands.project.claims.cache_clear()
    assert re.search(message, " ".join(call("verify", code=1).split()))


def test_a_copy_of_a_clone_does_not_run_with_the_package_of_the_first(book, tmp_path, monkeypatch):
    own = tmp_path / "src/trainphys"
    own.mkdir(parents=True)
    assert f"expected the package of this clone, {own}, got" in call("run", code=1)
    assert book == []
    monkeypatch.setattr(commands.arguments.provenance, "__file__", str(own / "provenance.py"))
    call("run")


def test_a_path_that_breaks_the_builders_cache_is_refused(book, tmp_path, monkeypatch):
    monkeypatch.setenv("TRAINPHYS_ROOT", str(tmp_path / "a%20b"))
    assert "expected a path without % and ?" in call("build", code=1)


def test_an_audit_prints_and_keeps_what_it_finds(book, tmp_path, monkeypatch):
    found = Findings(circular=["one"], idle=["two", "three"], typed=[], failed=[], noticed=4, weak=5, rows=12)
    words = {"A1.1a": {"1": "holds", "2": "fails"}}
    asked = []
    monkeypatch.setattr(audit, "bend", lambda chosen, jobs: asked.append((len(chosen), jobs)) or found)
    monkeypatch.setattr(
        audit, "seeds", lambda chosen, seeds, root, jobs: asked.append(list(seeds)) or (words, ["deaf"])
    )
    assert call("audit", "--seeds", "2", "-j", "3", code=1).splitlines() == [
        "12 comparisons: 4 turned red, 5 moved by less than they notice.",
        "circular: one",
        "not noticed: two",
        "not noticed: three",
        "A1.1a: expected holds with every seed, got fails with seed 2",
        "deaf",
        "circular 1, not noticed 2, typed 0, verdicts that moved with a seed 1",
    ]
    assert asked == [(1, 3), [1, 2]]
    assert json.loads((tmp_path / audit.WRITTEN).read_text("utf8"))["seeds"] == words
    (tmp_path / audit.WRITTEN).unlink()
    found.circular.clear(), found.idle.clear()
    monkeypatch.setattr(audit, "seeds", lambda chosen, seeds, root, jobs: ({}, []) if not list(seeds) else None)
    assert "circular 0, not noticed 0, typed 0" in call("audit", NAME)
    assert not (tmp_path / audit.WRITTEN).exists()
