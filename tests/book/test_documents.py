"""The documents on the site: every claim in its place, once."""

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from trainphys.book import project
from trainphys.book.site import documents

ROOT = Path(__file__).resolve().parents[2]
SHOWN = re.compile(r"<b>([ABC][\dA]\.\d[a-z])</b>")


@pytest.fixture
def of_the_book(monkeypatch):
    claims = project.claims(ROOT)
    words = {"chapter": None, "verdict": "pending"}
    monkeypatch.setattr(documents, "read", lambda root, name: [{**entry, **words} for entry in claims.values()])
    return claims


def test_every_claim_of_the_book_stands_in_exactly_one_section(of_the_book):
    shown = Counter(claim for letter in "ABC" for claim in SHOWN.findall(documents.sections(ROOT, letter)))
    assert shown == dict.fromkeys(of_the_book, 1)


def test_a_claim_stands_in_its_own_section_or_in_the_one_that_has_no_parts(of_the_book):
    for letter in "ABC":
        known = project.documents(ROOT)[letter]["sections"]
        for number in known:
            own = [claim for claim in of_the_book if documents._belongs({"id": claim}, letter, number, known)]
            places = {claim[1:-1] for claim in own if claim[0] == letter}
            assert places <= {number} or {place.split(".")[0] for place in places} == {number}


def test_a_section_has_its_heading_its_formulas_and_its_claims(tmp_path, monkeypatch):
    known = {
        "A": {
            "title": "On toys",
            "sections": {
                "0.1": {"title": "Abstract", "printed": []},
                "1": {"title": "Toys", "printed": []},
                "1.1": {"title": "Small ones", "printed": ["x = 1", "y = 2"]},
            },
        }
    }
    (tmp_path / "book").mkdir()
    (tmp_path / "book/documents.yml").write_text(yaml.safe_dump(known))
    rows = [
        {"id": "A1.1a", "chapter": "power/1-toy", "verdict": "holds", "statement": "It falls."},
        {"id": "A0.1a", "chapter": None, "verdict": "pending", "statement": "It stands."},
        {"id": "B1.1a", "chapter": None, "verdict": "pending", "statement": "Elsewhere."},
    ]
    monkeypatch.setattr(documents, "read", lambda root, name: rows)
    assert documents.title(tmp_path, "A") == "On toys"
    assert documents.sections(tmp_path, "A").splitlines() == [
        "## Abstract",
        "",
        '- <a href="#"><b>A0.1a</b></a> <span class="verdict verdict-pending">pending</span> It stands.',
        "",
        "## 1 Toys",
        "",
        "### 1.1 Small ones",
        "",
        *("```text", "x = 1", "```", ""),
        *("```text", "y = 2", "```", ""),
        '- <a href="../notebooks/power/1-toy.html#claim-A1.1a"><b>A1.1a</b></a> '
        '<span class="verdict verdict-holds">holds</span> It falls.',
    ]
