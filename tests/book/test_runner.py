"""The runner: nothing twice, nothing stale, nothing lost."""

import json
import os
import pathlib
import shutil
import signal
import sys
import time

import pytest
import yaml

from tests import warm_python
from tests.conftest import CHAPTER, Project
from trainphys import provenance
from trainphys.book import ledger, project, run, stamp
from trainphys.book.chapters import find_chapters
from trainphys.book.store import run_key

ADDED = {
    "comment": "\n# added\n",
    "text": '\n"""Added."""\n',
    "code": "\nADDED = 1\n",
    "reader of docstrings": "\nHELP = min.__doc__\n",
}


@pytest.fixture
def book(book: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The copy, whose sources are those that this process reads."""
    monkeypatch.setattr(provenance, "__file__", str(book.root / "src/trainphys/provenance.py"))
    return book


def keys(book: Project) -> dict[str, str]:
    """Each chapter's key, from the sources as they are now."""
    project.claims.cache_clear()
    return {chapter.name: run_key(chapter, {}) for chapter in find_chapters(book.root)}


def digests() -> dict[str, str]:
    """Each module's digest, of which the keys of kept runs are made."""
    return {name: provenance.source_digest([name]) for name in provenance.known_modules()}


def add(book: Project, module: str, what: str) -> None:
    path = book.root / "src/trainphys" / module
    path.write_text(path.read_text("utf8") + ADDED[what], "utf8")


def stored(toy: Project) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (toy.root / "_build/runs" / CHAPTER).glob("*.ipynb")}


BEHIND = {
    "simulate/philox.py": {"cooling"},  # reached through another module
    "simulate/fokker_planck.py": {"cooling"},
    "xor/trajectories.py": {"distance"},
    "laws/batch_size.py": {"power"},
    "estimate.py": {"power", "cooling", "distance"},
    "book/evidence.py": {"power", "cooling", "distance"},
    "book/check_site.py": set(),  # no chapter uses it
    "book/cards.py": set(),  # cards are written from the evidence when a run is read
}


def test_a_changed_module_reruns_exactly_the_chapters_behind_it(book):
    before, changed = keys(book), {}
    for module in BEHIND:
        path = book.root / "src/trainphys" / module
        text = path.read_text("utf8")
        add(book, module, "code")
        after = keys(book)
        changed[module] = {name.split("/")[0] for name in before if before[name] != after[name]}
        path.write_text(text, "utf8")
    assert changed == BEHIND
    assert keys(book) == before


def test_comments_and_docstrings_change_no_key(book):
    """Neither of a chapter nor of a kept run."""
    before = keys(book), digests()
    sources = sorted((book.root / "src/trainphys").rglob("*.py"))
    for path in sources:
        text = path.read_text("utf8")
        assert text.startswith(('"""', 'r"""'))
        text = text.replace('"""', '"""Other words: ', 1)
        path.write_text(text + ADDED["comment"] + ADDED["text"], "utf8")
    assert (keys(book), digests()) == before


def test_docstrings_that_code_reads_are_in_the_key(book):
    add(book, "simulate/philox.py", "reader of docstrings")
    name = "power/1-basic-relations"
    book.edit(f"notebooks/{name}.md", "import numpy as np\n", "import numpy as np\nprint(np.dot.__doc__)\n")
    before = keys(book)
    add(book, "estimate.py", "comment")
    after = keys(book)
    changed = {name for name in before if before[name] != after[name]}
    assert name in changed
    assert {name.split("/")[0] for name in changed - {name}} == {"cooling"}


def test_a_claims_formula_is_in_the_key_of_its_chapter(book):
    before = keys(book)
    book.edit("book/claims/A.yml", "formula: {t: gap / (rate * g2 * Q)}", "formula: {t: 2 * gap / (rate * g2 * Q)}")
    after = keys(book)
    assert {name for name in before if before[name] != after[name]} == {"power/1-basic-relations"}


def test_lock_and_code_cells_are_in_the_key_and_texts_are_not(book):
    before = keys(book)
    book.edit("requirements.lock", "numpy==", "numpy==1+")
    locked = keys(book)
    assert all(locked[name] != before[name] for name in before)
    for name in before:
        path = book.root / f"notebooks/{name}.md"
        text = path.read_text("utf8").replace('finding: "', 'finding: "Well: ', 1).replace(":tags: [hide-input]\n", "")
        path.write_text(
            text.replace("```{code-cell}", "One more sentence.\n\n```{code-cell}", 1) + "\nAnd one.\n", "utf8"
        )
    for path in (book.root / "book/claims").glob("*.yml"):
        path.write_text(path.read_text("utf8").replace("  reason: >-\n", "  reason: >-\n    Really.\n"), "utf8")
    assert keys(book) == locked
    first, second, third = list(before)[:3]
    book.edit(f"notebooks/{first}.md", "seed = 0", "seed = 1")
    book.edit(f"notebooks/{second}.md", ":tags: [parameters]", ":tags: [parameters, raises-exception]")
    book.edit(f"notebooks/{third}.md", "import numpy as np\n", "import numpy as np  # changed\n")
    assert {n for n, key in keys(book).items() if key != locked[n]} == {first, second, third}


def test_a_claim_that_is_gone_is_noticed(toy):
    toy.edit("book/claims/A.yml", "- id: A7.1a", "- id: A7.1z")
    assert "expected the id of a claim in book/claims, got 'A7.1a'" in toy.fails("build")


def test_what_has_not_changed_is_not_run_again(toy):
    before = stored(toy)
    assert "ran " not in toy.succeeds("run")
    assert stored(toy) == before


def test_changed_text_is_run_again(toy):
    toy.edit(f"notebooks/{CHAPTER}.md", "draws = 4000", "draws = 4001")
    assert f"ran     {CHAPTER}" in toy.succeeds("run")


def page(toy: Project, end: str) -> str:
    return (toy.root / f"_build/html/notebooks/{CHAPTER}.{end}").read_text("utf8")


def test_changed_prose_and_claims_are_rendered_beside_the_old_outputs(built):
    toy = built
    before = stored(toy)
    toy.edit(f"notebooks/{CHAPTER}.md", "# Toy\n", "# Toy\n\nFirst, a word.\n\n```{note}\nAnd a cell more.\n```\n")
    toy.edit(f"notebooks/{CHAPTER}.md", "the mean is {glue", "the mean, again, is {glue")
    toy.edit(f"notebooks/{CHAPTER}.md", "```{code-cell} ipython3\nfig,", "Then draw.\n\n```{code-cell} ipython3\nfig,")
    claims = toy.root / "book/claims/A.yml"
    entries = yaml.safe_load(claims.read_text("utf8"))
    next(entry for entry in entries if entry["id"] == "A7.1a")["statement"] = "A new statement."
    claims.write_text(yaml.safe_dump(entries, sort_keys=False, allow_unicode=True), "utf8")
    assert "ran " not in toy.succeeds("build")
    assert stored(toy) == before
    for words in ("the mean, again, is", "First, a word.", "Then draw.", "A new statement."):
        assert words in page(toy, "html")
        assert words in page(toy, "ipynb")
    cells = json.loads(page(toy, "ipynb"))["cells"]
    assert [cell["id"] for cell in cells] == [f"cell-{number}" for number in range(len(cells))]


def rendered(toy: Project) -> bool:
    """Build; whether the site was made anew. It must be whole, and the counts printed, in either case."""
    text = toy.succeeds("build")
    assert "117 claims: 1 holds, 116 pending" in text
    assert "shows the draws" in page(toy, "html")
    return "Finished generating HTML" in text


def test_a_site_that_is_already_built_is_left_alone(built):
    toy = built
    before = {path: path.stat().st_mtime_ns for path in (toy.root / "_build/html").rglob("*")}
    assert not rendered(toy)
    assert before == {path: path.stat().st_mtime_ns for path in (toy.root / "_build/html").rglob("*")}


CHANGES = {
    "prose": (f"notebooks/{CHAPTER}.md", "# Toy", "# Toys"),
    "page": ("book/cite.md", "## Licence", "## The licence"),
    "statement": ("book/claims/A.yml", "statement: ", "statement: x"),
    "reference": ("book/references.bib", "title", "Title"),
    "style": ("book/static/site.css", ":root", ":root "),
    "setting": ("book/project.yml", "year: ", "year: 1"),
    "configuration": ("_config.yml", "numfig: true", "numfig:  true"),
    "contents": ("_toc.yml", "file: ", "file:  "),
    "lock": ("requirements.lock", "numpy==", "numpy==1+"),
    "benchmarks": ("benchmarks/results.json", "{", "{ "),
    "built page": ("_build/html/search.html", "</body>", "</body >"),
    "ledger": ("_build/ledger.json", "[", "[ "),
}


def is_built(toy: Project) -> bool:
    return stamp.matches(toy.root, stamp.sources(toy.root), run.runs(find_chapters(toy.root)))


def test_a_site_that_differs_in_anything_is_rendered_again(built):
    toy = built
    assert is_built(toy)
    for what, (path, old, new) in CHANGES.items():
        before = (toy.root / path).read_bytes()
        toy.edit(path, old, new)
        assert not is_built(toy), what
        (toy.root / path).unlink()
        if path not in ("_toc.yml", f"notebooks/{CHAPTER}.md", "requirements.lock"):
            assert not is_built(toy), what
        (toy.root / path).write_bytes(before)
        assert is_built(toy), what
    toy.succeeds("run", "--again")
    assert not is_built(toy)
    (toy.root / "_build/html/figures/power-7-toy.svg").unlink()
    assert rendered(toy)
    assert not rendered(toy)


def test_a_build_that_failed_or_was_killed_leaves_the_last_site(built):
    toy = built
    source, before = toy.chapter.read_text("utf8"), site(toy)
    toy.edit(f"notebooks/{CHAPTER}.md", "{numref}`power-7-toy`", "{numref}`power-7-toys`")
    assert "nothing was published" in toy.fails("build")
    assert site(toy) == before
    toy.chapter.write_text(source + "\nMore.\n", "utf8")
    shutil.rmtree(toy.root / "_build/next", ignore_errors=True)  # of the build that failed
    process = toy.started("build")
    assert soon(toy.root.joinpath("_build/next/published/values.json").exists)
    os.killpg(process.pid, signal.SIGKILL)  # while the site is rendered
    process.join()
    assert site(toy) == before
    toy.chapter.write_text(source, "utf8")
    assert is_built(toy)
    toy.chapter.write_text(source + "\nMore.\n", "utf8")
    assert rendered(toy)
    assert "More." in page(toy, "html")


def site(toy: Project) -> dict[str, bytes]:
    """Every file of the built site, and the ledger."""
    files = [path for path in (toy.root / "_build/html").rglob("*") if path.is_file()]
    return {str(path): path.read_bytes() for path in [*files, toy.root / "_build/ledger.json"]}


def test_chapters_that_took_longest_start_first(book, monkeypatch):
    """A chapter that never ran may take longest of all."""
    todo = run.runs(find_chapters(book.root)[:4])
    for number, seconds in ((0, 3.0), (1, 70.0), (3, 9.0)):
        note = todo[number].path.with_name("of-another-key.json")
        note.parent.mkdir(parents=True)
        note.write_text(json.dumps({"key": "", "sha256": "", "seconds": seconds}), "utf8")
    started = []
    monkeypatch.setattr(run, "_execute", lambda run, kernel: started.append(run) or 0.0)
    monkeypatch.setattr(run.kernels, "WORTH_IT", 99)
    assert run.execute(todo, jobs=1) == []
    assert started == [todo[2], todo[1], todo[3], todo[0]]


def test_a_damaged_entry_is_noticed_and_redone(toy):
    def is_done() -> bool:
        return run.runs(find_chapters(toy.root))[0].is_done()

    (path,) = (toy.root / "_build/runs" / CHAPTER).glob("*.ipynb")
    note = path.with_suffix(".json")
    whole, said = path.read_bytes(), note.read_bytes()
    assert is_done()
    note.unlink()
    assert not is_done()
    note.write_bytes(said)
    for damage in (whole[: len(whole) // 2], b""):
        path.write_bytes(damage)
        assert not is_done()
    assert f"ran     {CHAPTER}" in toy.succeeds("verify")
    assert path.read_bytes() != b""
    assert is_done()


def test_a_killed_run_resumes_to_the_same_ledger(toy):
    """SIGKILL in mid-cell; the next run finishes, and the ledger's bytes are those of an undisturbed run."""
    undisturbed = Project(toy.root.parent / "undisturbed")
    slow = (
        "import pathlib, time\nif not (begun := pathlib.Path('begun')).exists():\n    begun.touch(); time.sleep(60)\n"
    )
    toy.edit(f"notebooks/{CHAPTER}.md", "glue(mean=x.mean())", f"{slow}glue(mean=x.mean())")
    shutil.copytree(toy.root, undisturbed.root)
    begun, begun_undisturbed = (project.chapter.with_name("begun") for project in (toy, undisturbed))
    process = toy.started("build")
    assert soon(begun.exists)
    os.killpg(process.pid, signal.SIGKILL)
    process.join()
    begun_undisturbed.touch()
    assert not (toy.root / "_build/ledger.json").exists()
    assert f"ran     {CHAPTER}" in toy.succeeds("build")
    undisturbed.succeeds("run")
    whole = undisturbed.root / "ledger.json"
    ledger.write(ledger.rows(run.runs(find_chapters(undisturbed.root)), undisturbed.root), whole)
    assert (toy.root / "_build/ledger.json").read_bytes() == whole.read_bytes()


def test_a_chapter_that_takes_too_long_is_stopped(toy):
    toy.edit(f"notebooks/{CHAPTER}.md", "timeout: 60", "timeout: 2")
    toy.edit(f"notebooks/{CHAPTER}.md", "glue(mean=x.mean())", "import time\ntime.sleep(60)")
    start = time.perf_counter()
    message = toy.fails("run")
    assert time.perf_counter() - start < 30
    assert CHAPTER in message
    assert "within 2 s" in message


FORKED = """
import json, os, sys
from trainphys.book import fork_server, kernels, project, run
from trainphys.book.chapters import find_chapters

kernels.WORTH_IT, kernels.PRELOADED = 1, tuple(sys.argv[1:])
names = (fork_server.SOCKET, "JUPYTER_PATH")
before = [os.environ.get(name) for name in names]
failures = run.execute(run.runs(find_chapters(project.root())), again=True)
assert [os.environ.get(name) for name in names] == before
print(json.dumps([[failure.error, failure.claims] for failure in failures]))
"""

INTERRUPTED = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever started the tests may have switched it off
from trainphys.book import kernels, project, run
from trainphys.book.chapters import find_chapters

kernels.WORTH_IT, kernels.PRELOADED = int(sys.argv[1]), ("ipykernel.kernelapp",)
run.execute([own for seed in (1, 2) for own in run.runs(find_chapters(project.root()), seed=seed)], jobs=1)
"""


@pytest.mark.parametrize("worth_it", [99, 1], ids=["fresh", "forked"])
def test_ctrl_c_ends_the_chapter_that_runs_and_begins_no_other(toy, worth_it):
    """And the processes that the chapter started."""
    wait = (
        "import os, pathlib, subprocess, time\nchild = subprocess.Popen(['sleep', '600'])\n"
        f"pathlib.Path(f'{toy.root}/pids-{{seed}}').write_text(f'{{os.getpid()}} {{child.pid}}')\ntime.sleep(600)"
    )
    toy.edit(f"notebooks/{CHAPTER}.md", "timeout: 60", "timeout: 900")
    toy.edit(f"notebooks/{CHAPTER}.md", "glue(mean=x.mean())", wait)
    runner = warm_python.start(INTERRUPTED, [str(worth_it)], toy.root, toy.environment())
    note = toy.root / "pids-1"
    assert soon(lambda: note.exists() and note.read_text())
    os.kill(runner.pid, signal.SIGINT)
    runner.join(60)
    assert runner.exitcode not in (None, 0)
    for process in note.read_text().split():
        assert soon(lambda process=process: not alive(int(process)))
    assert not (toy.root / "pids-2").exists()


@pytest.mark.parametrize("worth_it", [99, 1], ids=["fresh", "forked"])
def test_a_file_beside_the_chapter_is_no_module(toy, worth_it):
    """It is in no key: a run that rests on it would be taken for done when it changes."""
    toy.chapter.with_name("beside.py").touch()
    toy.edit(f"notebooks/{CHAPTER}.md", "glue(mean=x.mean())", "import beside\nglue(mean=x.mean())")
    done = warm_python.run(FORKED.replace("= 1, ", f"= {worth_it}, "), PRELOADED, toy.root, toy.environment())
    assert "ModuleNotFoundError: No module named 'beside'" in done.stdout


PRELOADED = ("ipykernel.kernelapp", "matplotlib.pyplot", "pandas")


def in_fork(toy: Project, *preloaded: str) -> list[tuple[str, list[str]]]:
    """Execute the toy's chapter in a kernel forked from the server; (error, claims) of its failures."""
    preloaded = preloaded or PRELOADED
    done = warm_python.run(FORKED, preloaded, toy.root, toy.environment())
    assert done.returncode == 0, done.stderr
    return [tuple(failure) for failure in json.loads(done.stdout.splitlines()[-1])]


@pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
class TestForkedKernels:
    def test_they_give_what_fresh_ones_give(self, toy):
        (fresh,) = stored(toy).values()
        assert in_fork(toy) == []
        (forked,) = stored(toy).values()
        assert outputs(forked) == outputs(fresh)

    def test_an_error_is_named_as_usual(self, toy):
        toy.edit(f"notebooks/{CHAPTER}.md", 'claim = Claim("A7.1a")', 'claim = Claim("A7.1a"); 1 / 0')
        ((error, claims),) = in_fork(toy)
        assert "ZeroDivisionError" in error
        assert claims == ["A7.1a"]

    def test_a_kernel_that_dies_is_reported(self, toy):
        toy.edit(f"notebooks/{CHAPTER}.md", "glue(mean=x.mean())", "import os; os.kill(os.getpid(), 9)")
        ((error, _),) = in_fork(toy)
        assert "died" in error.lower()

    def test_the_time_limit_holds(self, toy):
        toy.edit(f"notebooks/{CHAPTER}.md", "timeout: 60", "timeout: 2")
        toy.edit(f"notebooks/{CHAPTER}.md", "glue(mean=x.mean())", "import time\ntime.sleep(60)")
        ((error, _),) = in_fork(toy)
        assert "within 2 s" in error

    def test_they_end_with_the_runner_however_it_ends(self, toy):
        note = toy.root / "pid"
        wait = f"import os, pathlib, time\npathlib.Path({str(note)!r}).write_text(str(os.getpid()))\ntime.sleep(60)"
        toy.edit(f"notebooks/{CHAPTER}.md", "glue(mean=x.mean())", wait)
        runner = warm_python.start(FORKED, PRELOADED, toy.root, toy.environment())
        assert soon(note.exists)
        time.sleep(0.2)
        kernel = int(note.read_text())
        runner.kill()  # nothing of its own is tidied up
        runner.join()
        assert soon(lambda: not alive(kernel))

    def test_an_environment_of_any_size_reaches_them(self, toy, monkeypatch):
        """One letter less than the system lets a variable have, which is more than one reading of a socket brings."""
        monkeypatch.setenv("LARGE", "x" * 131_000)
        toy.edit(f"notebooks/{CHAPTER}.md", "glue(mean=x.mean())", "import os; glue(mean=len(os.environ['LARGE']))")
        assert in_fork(toy) == []
        assert any("131000" in run.decode() for run in stored(toy).values())

    def test_a_server_that_cannot_start_says_so(self, toy):
        with pytest.raises(AssertionError, match="expected the server of kernels to start"):
            in_fork(toy, "no_such_package")


def soon(condition, seconds: float = 30.0, pause: float = 0.1) -> bool:
    """Whether it comes true within some seconds."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(pause)
    return bool(condition())


def alive(process: int) -> bool:
    state = pathlib.Path(f"/proc/{process}/stat")
    return state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def outputs(notebook: bytes) -> list[object]:
    """What the cells gave, without the numbers and times of execution."""
    return [cell["outputs"] for cell in json.loads(notebook)["cells"] if cell["cell_type"] == "code"]


def test_quick_sizes_and_other_seeds_are_runs_of_their_own(toy):
    before = stored(toy)
    assert "no verdict is drawn" in toy.succeeds("verify", "--quick")
    assert "1 holds" in toy.succeeds("verify", "--seed", "5")
    after = stored(toy)
    assert len(after) == len(before) + 2
    assert before.items() <= after.items()


def test_verify_prints_all_that_a_referee_asks_for(toy):
    text = toy.succeeds("verify", "--claim", "A7.1a")
    for word in ("stated == 1", "corrected == 1", "measured", "stderr", "tolerance", "notices", "verdict: holds"):
        assert word in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("verify", "--claim", "Z9.9z"), "expected the id of a claim"),
        (("verify", "--claim", "B1.1a"), "still pending"),
        (("run", "power/99-nowhere"), "expected chapters or parts"),
    ],
)
def test_unknown_names_say_what_is_known(toy, arguments, message):
    assert message in toy.fails(*arguments)


def test_parameters_that_the_chapter_does_not_have_are_refused(toy):
    toy.edit(f"notebooks/{CHAPTER}.md", "quick: {draws: 50}", "quick: {drawings: 50}")
    assert "drawings" in toy.fails("run", "--quick")
