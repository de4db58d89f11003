"""What the book reads from a chapter's file, and where it finds files and claims."""

from pathlib import Path

import pytest
import yaml

from tests.book.by_hand import NAME, PAGE, entry, write_book
from trainphys.book import project
from trainphys.book.chapters import Chapter, find_chapters

CELL = """
```{code-cell} ipython3
:tags: [hide-input, remove-output, own]
%matplotlib inline
  !ls
import os, trainphys.rows
from trainphys.estimate import Estimate, sigmas as s
from . import beside
a = Claim('B1.1a'); b = Claim( "B1.1a"); c = Claim(name)
```
"""


def chapter(tmp_path, page=PAGE + CELL):
    return write_book(tmp_path, page=page)


def test_what_a_chapter_says_of_itself(tmp_path):
    own = chapter(tmp_path)
    assert own.path == tmp_path / f"notebooks/{NAME}.md"
    assert own.docname == f"notebooks/{NAME}"
    assert own.settings == {"timeout": 60, "finding": "It falls to [[low:.1f]].", "quick": {"draws": 5}}
    assert own.timeout_s == 60.0
    assert own.defaults == {"seed": 0, "draws": 40}
    assert own.claim_ids == ["A1.1a", "B1.1a"]
    assert own.tags == [["parameters"], [], ["own"]]
    assert [source.splitlines()[0] for source in own.code] == [
        "seed = 0",
        'claim = Claim("A1.1a")',
        "%matplotlib inline",
    ]
    assert [cell.id for cell in own.notebook.cells] == [f"cell-{n}" for n in range(len(own.notebook.cells))]


def test_modules_are_those_of_this_package_as_they_are_named(tmp_path):
    assert chapter(tmp_path).modules == [
        "trainphys.estimate",
        "trainphys.estimate.Estimate",
        "trainphys.estimate.sigmas",
        "trainphys.rows",
    ]
    lookalike = PAGE.replace("seed = 0", "import trainphysics\nseed = 0")
    assert write_book(tmp_path, page=lookalike).modules == []


def test_a_chapter_without_a_limit_of_its_own_has_ten_minutes(tmp_path):
    assert chapter(tmp_path, PAGE.replace("  timeout: 60\n", "")).timeout_s == 3600.0
    bare = chapter(tmp_path, "---\nkernelspec: {name: python3}\n---\n# Toy\n\n---\ntrainphys: {timeout: 1}\n---\n")
    assert bare.settings == {}


def test_a_chapter_without_plain_parameters_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"expected a cell tagged parameters in .*1-toy.md, got none"):
        chapter(tmp_path, PAGE.replace("[parameters]", "[others]")).defaults  # noqa: B018
    for line in ("a.b = 1", "f()"):
        with pytest.raises(ValueError, match=f"plain assignments in the parameters cell of {NAME}, got "):
            chapter(tmp_path, PAGE.replace("draws = 40", line)).defaults  # noqa: B018


def test_chapters_come_in_the_order_of_the_contents(tmp_path):
    write_book(tmp_path)
    names = ["distance/2-b", NAME, "cooling/1-a"]
    for name in names:
        (tmp_path / f"notebooks/{name}.md").parent.mkdir(exist_ok=True)
        (tmp_path / f"notebooks/{name}.md").write_text(PAGE, "utf8")
    files = [{"file": f"notebooks/{name}"} for name in names]
    toc = {"root": "notebooks/power/1-toy", "parts": [{"chapters": [{"file": "book/a", "sections": files[:1]}]}]}
    toc["parts"].append({"chapters": files[1:]})
    (tmp_path / "_toc.yml").write_text(yaml.safe_dump(toc, sort_keys=False), "utf8")
    assert [own.name for own in find_chapters(tmp_path)] == [NAME, *names]
    assert find_chapters(tmp_path)[0] == Chapter(tmp_path, NAME)
    Chapter(tmp_path, names[0]).path.unlink()
    with pytest.raises(FileNotFoundError, match=r"the chapters of _toc.yml, got no file \S*distance/2-b.md$"):
        find_chapters(tmp_path)


def test_the_root_is_named_or_the_nearest_folder_that_holds_the_book(tmp_path, monkeypatch):
    monkeypatch.delenv("TRAINPHYS_ROOT", raising=False)
    inner = tmp_path / "book/claims"
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=f"expected the book's sources above {tmp_path}, found none"):
        project.root()
    (tmp_path / "_toc.yml").touch()
    with pytest.raises(FileNotFoundError):
        project.root()
    inner.mkdir(parents=True)
    assert project.root() == tmp_path
    monkeypatch.chdir(inner)
    assert project.root() == tmp_path
    monkeypatch.setenv("TRAINPHYS_ROOT", "/elsewhere")
    assert project.root() == Path("/elsewhere")


def test_claims_come_in_the_documents_order_each_once_with_their_section(tmp_path, monkeypatch):
    write_book(tmp_path, entry("C1.2b"), entry("CA.1a"), entry("B10.2c"), entry("A1.1a", kind="guarantee"))
    known = project.claims(tmp_path)
    assert list(known) == ["A1.1a", "B10.2c", "C1.2b", "CA.1a"]
    assert [own["source"] for own in known.values()] == [
        "A, section 1.1",
        "B, section 10.2",
        "C, section 1.2",
        "C, section A.1",
    ]
    assert known["A1.1a"]["kind"] == "guarantee"
    write_book(tmp_path, entry("B1.2b"), entry("B1.2b"))
    with pytest.raises(ValueError, match=r"expected each claim once, got B1.2b twice in .*book/claims/B.yml"):
        project.claims(tmp_path)
    monkeypatch.setenv("TRAINPHYS_ROOT", str(tmp_path))
    assert project.settings() == project.settings(tmp_path)
    assert project.settings(tmp_path).title == "Toys"
