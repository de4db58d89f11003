"""Citations: what a reader pastes names version, commit, seed and licence, and an address when there is one."""

import html
import re

import pytest
from pybtex.database import parse_string

from tests.book.by_hand import project_file, write_book
from trainphys.book import cite, made

FIGURE = {"name": "power-1-toy", "caption": "41% of $x_1$ fall. More is drawn.", "number": "A1.2", "seed": 3}
FIGURE |= {"chapter": "power/1-toy"}
CLAIM = {"id": "A1.1a", "title": "Time & space", "verdict": "holds-if", "seed": 0}


@pytest.fixture
def works(tmp_path):
    own = write_book(tmp_path)
    return [cite.book(), cite.chapter(own), cite.figure(FIGURE), cite.claim(CLAIM), cite.the_ledger()]


def parsed(text):
    ((name, entry),) = parse_string(text, "bibtex").entries.items()
    return name, entry.type, dict(entry.fields)


def test_every_entry_is_bibtex_and_empty_settings_make_no_field(works, tmp_path):
    found = [parsed(cite.bibtex(work, tmp_path)) for work in works]
    shared = {"year": "2026", "version": "1.0"}
    assert [(name, kind) for name, kind, _ in found] == [
        ("trainphys", "book"),
        ("trainphys-A1", "incollection"),
        ("trainphys-power-1-toy", "misc"),
        ("trainphys-A1.1a", "misc"),
        ("trainphys-ledger", "misc"),
    ]
    licence = "version 1.0, {}licence CC-BY-4.0"
    assert [fields for *_, fields in found] == [
        {**shared, "title": "Toys", "note": licence.format("")},
        {**shared, "title": "Toy", "booktitle": "Toys", "chapter": "A1", "note": licence.format("seed 0, ")},
        {
            **shared,
            "title": r"41\% of $x_1$ fall",
            "howpublished": "In: Toys",
            "note": "Figure A1.2, " + licence.format("seed 3, "),
        },
        {
            **shared,
            "title": r"Time \& space (holds-if)",
            "howpublished": "In: Toys",
            "note": "Claim A1.1a, " + licence.format("seed 0, "),
        },
        {**shared, "title": cite.the_ledger().title, "howpublished": "In: Toys", "note": licence.format("")},
    ]


def test_addresses_commit_and_doi_stand_where_there_are_any(works, tmp_path, monkeypatch):
    project_file(tmp_path, doi="10.1/x_y", site_url="https://a.org/b")
    monkeypatch.setattr(made, "commit", lambda root: "abc")
    pages = [
        "",
        "notebooks/power/1-toy.html",
        "notebooks/power/1-toy.html#power-1-toy",
        "book/ledger.html#A1.1a",
        "ledger.json",
    ]
    for work, page in zip(works, pages, strict=True):
        _, _, fields = parsed(cite.bibtex(work, tmp_path))
        assert fields["url"] == f"https://a.org/b/{page}"
        assert fields["doi"] == "10.1/x_y"
        assert "commit abc" in fields["note"]
        text = cite.ris(work, tmp_path)
        assert f"UR  - https://a.org/b/{page}\n" in text
        assert "DO  - 10.1/x_y\n" in text


def test_ris_has_one_tag_a_line_a_type_first_and_an_end(works, tmp_path):
    kinds = []
    for work in works:
        lines = cite.ris(work, tmp_path).splitlines()
        assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - .*", line) for line in lines)
        tags = dict(line.split("  - ", 1) for line in lines)
        kinds.append(tags["TY"])
        assert next(iter(tags)) == "TY"
        assert lines[-1] == "ER  - "
        assert tags["AU"] == "A. Author"
        assert not {"DO", "UR"} & tags.keys()
    assert kinds == ["BOOK", "CHAP", "FIGURE", "GEN", "DATA"]
    assert "TI  - 41% of x_1 fall\nT2  - Toys\n" in cite.ris(works[2], tmp_path)


def test_each_form_stands_where_the_copy_button_looks(works, tmp_path):
    text = cite.fold("Cite", works[3], tmp_path, "<p>Before.</p>", "here")
    assert text.startswith('<details class="cite-figure" id="here"><summary>Cite</summary><p>Before.</p>')
    forms = re.findall(r'<div class="highlight"><pre>(.*?)</pre></div>', text, re.S)
    assert [html.unescape(form) for form in forms] == [cite.bibtex(works[3], tmp_path), cite.ris(works[3], tmp_path)]


def test_the_commit_is_the_last_one_that_changed_the_book(tmp_path):
    import subprocess

    def git(*command):
        who = ["-c", "user.name=a", "-c", "user.email=a@b.org"]
        done = subprocess.run(["git", *who, *command], cwd=tmp_path, capture_output=True, text=True, check=True)
        made.commit.cache_clear()
        return done.stdout.strip()

    (tmp_path / "requirements.lock").write_text("")
    assert made.commit(tmp_path) == ""
    (tmp_path / "book").mkdir()
    (tmp_path / "book/a.md").write_text("a")
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    first = git("rev-parse", "HEAD")
    assert made.commit(tmp_path) == first
    (tmp_path / "README.md").write_text("b")
    git("add", ".")
    git("commit", "-q", "-m", "two")
    assert made.commit(tmp_path) == first
    (tmp_path / "book/a.md").write_text("c")
    made.commit.cache_clear()
    assert made.commit(tmp_path) == f"{first} with changes"
