"""Where the package is run, week by week, and what its metadata say of that."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from trainphys.book import project, stood
from trainphys.book.commands import main

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]
WORKFLOWS = {path.stem: yaml.safe_load(path.read_text("utf8")) for path in (ROOT / ".github/workflows").glob("*.yml")}


def test_the_package_says_where_it_lives_and_what_it_is_run_on():
    """Addresses from the one setting, empty ones left out; systems and Pythons are those of every push, no more."""
    known = project.settings(ROOT)
    addresses = {"Documentation": known.site_url, "Source": known.repository_url}
    assert PYPROJECT.get("urls", {}) == {name: address for name, address in addresses.items() if address}
    listed = [t.rpartition(" :: ")[2] for t in PYPROJECT["classifiers"] if re.search(r"^Operating|:: 3\.", t)]
    job = WORKFLOWS["book"]["jobs"]["book"]
    assert job["runs-on"] == "ubuntu-latest"
    assert listed == ["Linux", *job["strategy"]["matrix"]["python"]]
    assert PYPROJECT["keywords"] == yaml.safe_load((ROOT / "CITATION.cff").read_text("utf8"))["keywords"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflows_are_valid_and_may_do_little(name):
    """Actions by digest, with their version beside it; no secret; nothing written but the pages; no failure unseen."""
    path = ROOT / f".github/workflows/{name}.yml"
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    subprocess.run([*check, str(path)], check=True)
    text, jobs = path.read_text("utf8"), WORKFLOWS[name]["jobs"]
    used = re.findall(r"uses: (.*)", text)
    assert used
    assert not [line for line in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)]
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")
    assert not [word for word in ("secrets", "pull_request_target", "continue-on-error") if word in text]
    assert WORKFLOWS[name]["permissions"] == {"contents": "read"}
    more = {job: own["permissions"] for job, own in jobs.items() if "permissions" in own}
    publishing = {
        "publish": {"pages": "write", "id-token": "write"},
        "notebooks": {"actions": "read", "contents": "write"},
    }
    assert more == (publishing if name == "book" else {})
    assert all(jobs[job]["if"] == "github.event_name == 'push'" for job in more)
    assert all("timeout-minutes" in own for own in jobs.values())
    for verb in re.findall(r"run: python -m trainphys\.book (\w+)", text):
        assert verb in main.commands
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf8"), re.M)
    assert set(re.findall(r"run: make (\w+)", text)) <= set(targets)


def test_each_week_every_system_and_python_judges_every_claim():
    jobs = WORKFLOWS["weekly"]["jobs"]
    assert set(jobs) == {"verdicts", "matrix", "audit", "floating", "links", "dependencies"}
    ways = jobs["verdicts"]["strategy"]["matrix"]
    assert ways["system"] == ["ubuntu-latest", "macos-latest", "windows-latest"]
    assert ways["python"] == WORKFLOWS["book"]["jobs"]["book"]["strategy"]["matrix"]["python"]
    assert f"{ROOT / stood.SYSTEMS}".endswith(jobs["matrix"]["steps"][-1]["with"]["path"])
