"""One place for each fact: names, addresses; and nothing that only one machine knows."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import jupytext
import pytest
import yaml
from jupytext.config import load_jupytext_config

from trainphys import provenance
from trainphys.book import formulas, project
from trainphys.book.chapters import find_chapters
from trainphys.rows import Row

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]


def files() -> list[str]:
    """The project's files: what git tracks, or in an unpacked archive all that is there and was not made later."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
        return listed.stdout.split()
    made = [pattern.rstrip("/") for pattern in (ROOT / ".gitignore").read_text("utf8").split()]
    found = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return sorted(str(path) for path in found if not any(fnmatch(p, pattern) for p in path.parts for pattern in made))


def test_citation_is_valid_and_agrees_with_the_settings():
    text = (ROOT / "CITATION.cff").read_text("utf8")
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.citation-file-format"]
    subprocess.run([*check, str(ROOT / "CITATION.cff")], check=True)
    citation, known = yaml.safe_load(text), project.settings(ROOT)
    assert (citation["title"], citation["version"]) == (known.title, known.version)
    assert citation["authors"][0]["name"] == known.authors == PYPROJECT["authors"][0]["name"]
    assert PYPROJECT["version"] == known.version
    assert citation.get("url", "") == known.site_url
    assert citation.get("repository-code", "") == known.repository_url
    assert citation.get("doi", "") == known.doi
    configuration = yaml.safe_load((ROOT / "_config.yml").read_text("utf8"))
    assert (configuration["title"], configuration["author"]) == (known.title, known.authors)


@pytest.mark.parametrize("name", files())
def test_files_know_nothing_of_one_machine_or_registry(name):
    path = ROOT / name
    if not path.is_file():
        pytest.skip("removed and not yet committed")
    text = path.read_text("utf8", errors="replace")
    forbidden = [
        r"/(work|root|home|tmp)/[a-z]",
        "pypi" + r"\.org",
        "python" + "hosted",
        "registry" + r"\.npmjs",
        "deb" + r"\.debian",
    ]
    for pattern in forbidden:
        assert not re.search(pattern, text), pattern


def test_inventory_is_whole():
    claims = project.claims(ROOT)
    letters = [claim_id[0] for claim_id in claims]
    assert {letter: letters.count(letter) for letter in "ABC"} == {"A": 33, "B": 27, "C": 57}
    for claim_id, entry in claims.items():
        assert entry["statement"].strip(), claim_id
        assert entry["statement"] != "TODO", claim_id
        assert entry["title"], claim_id
        assert entry["statement"].count("$") % 2 == 0, claim_id
        formula = formulas.latex(entry)
        assert formula.count("{") == formula.count("}"), claim_id
        assert ("formula" in entry) != ("latex" in entry), claim_id
        assert entry["kind"] in ("definition", "law", "condition", "recipe", "finding", "figure", "guarantee"), claim_id
        if entry["expected"] not in ("pending", "definition"):
            assert entry["reason"], claim_id


LETTERS = {"power": "A", "cooling": "B", "distance": "C"}
LIBRARY = ["bend", "tools", "laws", "simulate", "xor", "systems", "workloads", "ensemble", "estimate", "errors", "book"]
FRONT_DOORS = ("trainphys", "trainphys.laws")
CHAPTERS = {chapter.name: chapter for chapter in find_chapters(ROOT)}
ROOMS = ["Claimed", "Derived", "Simulated", "Seen", "Verdicts", "Use instead", "Where it breaks"]


@pytest.mark.parametrize("chapter", CHAPTERS.values(), ids=CHAPTERS)
def test_chapters_keep_the_contract(chapter):
    """The same rooms in the same order, a finding, small sizes, imports of the own part only, prose without code."""
    headings = re.findall(r"^## (.+)$", chapter.text, re.M)
    shows = dict(heading.partition(": ")[::2] for heading in headings)
    assert list(shows) == ROOMS
    assert [room for room, words in shows.items() if not words] == ["Verdicts"], "a heading says what its room shows"
    assert "**Found:**" in chapter.text
    assert chapter.settings["finding"]
    assert set(chapter.settings["quick"]) <= set(chapter.defaults)
    assert "seed" in chapter.defaults
    part, stem = chapter.name.split("/")
    letter = LETTERS[part].lower()
    own = f"trainphys.chapters.{part}.{letter}{stem.replace('-', '_')}."
    assert (ROOT / "src" / own.replace(".", "/") / "__init__.py").is_file(), (
        "every chapter has a room, or says where to look"
    )
    for module in chapter.modules:
        assert module not in FRONT_DOORS, "a run's key would miss the module behind the name"
        if module.split(".")[1] == "chapters":
            assert f"{module}.".startswith((own, f"trainphys.chapters.{part}.shared.")), module
        else:
            assert module.split(".")[1] in LIBRARY, module
    assert chapter.claim_ids
    assert all(claim_id[0] == LETTERS[part] for claim_id in chapter.claim_ids)


ARROWS = [
    ("simulate/langevin.py", "trainphys.laws.temperature", "1. A prediction"),
    ("laws/temperature.py", "trainphys.simulate.entropy", "1. A prediction"),
    ("tools/schedules/shapes.py", "trainphys.chapters.cooling.shared.units", "2. The library"),
    (
        "chapters/cooling/b4_optimal_cooling/aims.py",
        "trainphys.chapters.cooling.b7_guarantees.heat",
        "3. No chapter of cooling",
    ),
    ("systems/coolings.py", "trainphys.laws.clock", "4. Imports run downwards"),
    ("laws/clock.py", "torch", "5. Laws and systems"),
    ("xor/trajectories.py", "trainphys.laws.contraction", "6. The runs"),
]


@pytest.mark.parametrize("chapter", CHAPTERS.values(), ids=CHAPTERS)
def test_saving_from_lab_leaves_a_chapter_as_it_is(chapter):
    how = load_jupytext_config(str(chapter.path))
    assert jupytext.writes(jupytext.reads(chapter.text, fmt="md:myst"), fmt="md:myst", config=how) == chapter.text


def test_planted_imports_break_the_contracts(tmp_path):
    """One against each rule, all at once."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for file, module, _ in ARROWS:
        path = tmp_path / "src/trainphys" / file
        path.write_text(path.read_text("utf8") + f"\nimport {module}\n", "utf8")
    program = Path(sys.executable).with_name("lint-imports")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "src"), "COLUMNS": "200"}
    done = subprocess.run(
        [program, "--no-cache"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    for file, module, contract in ARROWS:
        assert re.search(rf"^{re.escape(contract)}.* BROKEN", done.stdout, re.M), done.stdout
        importer = "trainphys." + file.removesuffix(".py").replace("/", ".")
        assert f"{importer} -> {module}" in done.stdout, done.stdout


LAWS_OF_XOR = ("basins", "equivalences", "guarantee", "mean_distances", "staircase")


def predicts(module: str) -> bool:
    """Whether a module holds predictions: the library's laws, those of XOR, and a room's ``laws`` or ``claimed``."""
    room, _, name = module.rpartition(".")
    in_chapter = room.startswith("trainphys.chapters.") and name in ("laws", "claimed")
    return in_chapter or room == "trainphys.laws" or (room == "trainphys.xor" and name in LAWS_OF_XOR)


def test_what_measures_in_a_room_knows_no_prediction():
    """A law that is changed by a tenth must leave every measurement as it is."""
    modules = provenance.known_modules()
    assert all(f"trainphys.xor.{name}" in modules for name in LAWS_OF_XOR)
    rooms = {m for m in modules if m.startswith("trainphys.chapters.") and not predicts(m)}
    known = {room: [m for m in provenance.imported_by(room) if predicts(m)] for room in rooms}
    assert not {room: laws for room, laws in known.items() if laws}


def test_what_is_shared_is_needed_by_two_chapters():
    known = provenance.known_modules()
    behind = {name: provenance.modules_behind(known & set(c.modules)) for name, c in CHAPTERS.items()}
    for module in known:
        if ".shared." in module:
            users = [name for name, modules in behind.items() if module in modules]
            assert len(users) > 1, f"{module} belongs in the room of {users}"


def test_what_did_not_stand_is_named_so_and_kept_from_the_laws():
    for path in (ROOT / "src/trainphys").rglob("*.py"):
        claimed = re.findall(r"^(?:def |class )?(claimed_\w+|CLAIMED_\w+|Claimed\w+)\b", path.read_text("utf8"), re.M)
        if path.name != "claimed.py":
            assert not [name for name in claimed if name.startswith(("claimed_", "CLAIMED_"))], path
        else:
            assert claimed, path
            assert "chapters" in path.parts


@pytest.mark.parametrize("chapter", CHAPTERS.values(), ids=CHAPTERS)
def test_rows_of_evidence_have_the_keys_that_the_rule_reads(chapter):
    """A misspelt key is found here, not after minutes of simulation."""
    calls = [
        node
        for source in chapter.code
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "compare"
    ]
    for call in calls:
        keys = {keyword.arg for keyword in call.keywords}
        assert not call.args, ast.unparse(call)
        assert keys - {None} <= set(Row.__annotations__), ast.unparse(call)
        assert None in keys or Row.__required_keys__ <= keys, ast.unparse(call)


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "Makefile"])
def test_commands_that_the_papers_promise_exist(name):
    """Every make target and book verb that is named must be there."""
    text = (ROOT / name).read_text("utf8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf8"), re.M))
    for target in re.findall(r"`make ([a-z]+)`", text):
        assert target in targets
    for verb in re.findall(r"trainphys\.book ([a-z]+)", text):
        assert verb in ("run", "verify", "build", "audit", "measure", "prune", "changes", "metadata")


def test_an_old_python_is_told_what_is_needed(tmp_path):
    """Not that some package has no version for it."""
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    old = tmp_path / "python3.10"
    asked = 'import sys; sys.version_info, sys.version = (3, 10, 13), "3.10.13 (main)"; exec(sys.argv[1])'
    old.write_text(f'#!/bin/sh\n[ "$1" = -c ] && exec {sys.executable} -c \'{asked}\' "$2"\nmkdir .venv\n')
    old.chmod(0o755)
    done = subprocess.run(["make", "book", f"PYTHON={old}"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "expected Python 3.11 or newer, got 3.10.13" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_nothing_hides_a_comparison_that_raises():
    """A ``try`` in a chapter, or a cell that may raise, could swallow evidence."""
    for chapter in find_chapters(ROOT):
        tags = {tag for own in chapter.tags for tag in own}
        assert "raises-exception" not in tags, chapter.name
        for source in chapter.code:
            lines = (line for line in source.splitlines() if not line.lstrip().startswith(("%", "!")))
            tries = [node for node in ast.walk(ast.parse("\n".join(lines))) if isinstance(node, (ast.Try, ast.TryStar))]
            hidden = [node for one in tries for node in ast.walk(one) if isinstance(node, ast.Attribute)]
            assert "compare" not in {node.attr for node in hidden}, f"{chapter.name}: {source[:60]!r}"
