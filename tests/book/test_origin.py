"""Each page says what it was made from, and a built site is stale when that changes."""

import hashlib
import re
import subprocess
import sys

import pytest

from tests.book.by_hand import write_book
from trainphys.book import origin, stamp
from trainphys.book.origin import Origin, words

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def git(folder, *arguments):
    who = ["-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path):
    write_book(tmp_path)
    for name in ("_config.yml", "benchmarks/results.json", "src/a.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first", "--date", "2026-01-02T03:04:05Z")
    return tmp_path


def test_the_commit_is_the_last_that_changed_a_source(clone):
    first, date = git(clone, "log", "-1", "--format=%H %cs").split()
    lock = hashlib.sha256(b"numpy==2\n").hexdigest()
    assert origin.origin(clone) == Origin(first, date, False, lock, PYTHON)
    (clone / "tests.py").touch()
    git(clone, "add", ".")
    git(clone, "commit", "-qm", "a test")
    assert origin.origin(clone) == Origin(first, date, False, lock, PYTHON)
    before = stamp.sources(clone)
    (clone / "src/a.py").write_text("a = 1\n")
    assert origin.origin(clone) == Origin(first, date, True, lock, PYTHON)
    git(clone, "commit", "-qam", "a source")
    now = origin.origin(clone)
    assert (now.commit, now.changed) == (git(clone, "rev-parse", "HEAD"), False)
    assert stamp.sources(clone) != before, "the foot of every page names the new commit"


def test_outside_a_clone_and_without_git_no_commit_is_named(clone, monkeypatch):
    inner = clone / "unpacked"
    inner.mkdir()
    write_book(inner)
    git(clone, "add", ".")
    git(clone, "commit", "-qm", "somebody unpacked an archive in a clone of something else")
    assert origin.origin(inner).commit == "", "the commit of a project around it is not its own"
    monkeypatch.setenv("PATH", "")
    assert origin.origin(clone) == Origin("", "", False, origin.origin(clone).lock, PYTHON)


def test_what_the_foot_says():
    made = Origin("a" * 40, "2026-01-02", False, "b" * 64, "3.11")
    lock = f"; lock <code>{'b' * 10}</code>; Python 3.11."
    assert words(made) == f"Made from commit <code>{'a' * 10}</code> of 2026-01-02{lock}"
    link = f'<a href="https://a.org/x/commit/{"a" * 40}">{"<code>" + "a" * 10}</code></a>'
    assert words(made, "https://a.org/x/") == f"Made from commit {link} of 2026-01-02{lock}"
    changed = Origin("a" * 40, "2026-01-02", True, "b" * 64, "3.11")
    assert "of 2026-01-02, with changes that are not committed;" in words(changed)
    none = Origin("", "", False, "b" * 64, "3.11")
    assert words(none, "https://a.org") == f"Made from sources outside a clone, so without a commit{lock}"


def test_every_page_that_is_built_says_it(built_template):
    pages = [path.read_text("utf8") for path in (built_template.root / "_build/html").glob("*/*.html")]
    said = [re.search(r'<div class="extra_footer">\s*<p>Made from (.*?)</p>', page) for page in pages]
    assert pages
    assert all(found and "without a commit" in found[1] and f"Python {PYTHON}" in found[1] for found in said)
