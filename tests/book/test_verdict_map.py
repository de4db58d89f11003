"""The map on the start page: a tile for every claim, with its letter, its words and its way to the evidence."""

import re

import pytest
import yaml

from tests.book.by_hand import GOOD, NAME, PAGE, a_run, entry, judged, keep, record, row, write_book
from trainphys.book import publish
from trainphys.book.site import verdict_map
from trainphys.book.store import Run
from trainphys.book.verdicts import PENDING, VERDICTS

TILE = re.compile(r'<a class="map-tile verdict-([\w-]+)" href="(.*?)" aria-label="(.*?)">(.*?)<span')


@pytest.fixture
def root(tmp_path):
    claims = (
        entry("A1.1a", expected="fails", corrected="$x$"),
        entry("A1.1b"),
        entry("A1.2a", expected="holds"),
        entry("B2.1a"),
    )
    page = PAGE.replace('claim = Claim("A1.1a")', 'claim = Claim("A1.1a"), Claim("A1.2a")')
    chapter = write_book(tmp_path, *claims, page=page)
    wrong = record(row(1.0, 2.0, corrected=1.0))
    run = keep(Run(chapter, {}, tmp_path / "runs"), *judged(wrong, record(*GOOD, claim_id="A1.2a")), low=1.0)
    (tmp_path / "book/documents.yml").write_text(yaml.safe_dump({"A": {"title": "On < toys", "sections": {}}}))
    publish.publish([run], tmp_path)
    return tmp_path


def test_each_claim_has_a_tile_that_leads_to_its_evidence(root):
    text = verdict_map.verdict_map(root)
    page = f"../notebooks/{NAME}.html"
    assert TILE.findall(text) == [
        ("fails", f"{page}#claim-A1.1a", "A1.1a fails. Loss: measured 1, claimed 2 (gap 0.01)", "F"),
        ("pending", page, "A1.1b pending", "?"),
        ("holds", f"{page}#claim-A1.2a", "A1.2a holds", "H"),
    ]
    assert text.count('<div class="map-row">') == 1
    assert f'<a class="map-chapter" href="{page}"><b>A1</b> Toy</a>' in text


def test_a_tooltip_holds_no_tex(root, monkeypatch):
    read = verdict_map.read
    monkeypatch.setattr(
        verdict_map,
        "read",
        lambda root, name: [{**own, "headline": r"lacks $\gamma_{\max}$"} for own in read(root, name)],
    )
    text = verdict_map.verdict_map(root)
    assert "γ_max" in text
    assert "$" not in text


def test_a_document_without_a_chapter_is_left_out_and_titles_lead_to_the_documents(root):
    text = verdict_map.verdict_map(root)
    assert re.findall(r"<h3>(.*?)</h3>", text) == ["A · Power against time"]
    assert '<a href="document-a.html"><cite>On &lt; toys</cite></a>' in text


def test_the_key_counts_the_words_that_occur(root):
    key = verdict_map.verdict_map(root).split('<ul class="map-key">')[1]
    assert re.findall(r'map-tile verdict-([\w-]+)">(.*?)</span> (\d+) (.*?)</li>', key) == [
        ("holds", "H", "1", "hold as they stand"),
        ("fails", "F", "1", "fail"),
        ("pending", "?", "2", "are not judged yet"),
    ]


def test_every_word_has_a_letter_of_its_own_and_its_meaning(tmp_path):
    assert set(verdict_map.LETTERS) == set(verdict_map.WORDS) == {*VERDICTS, PENDING}
    assert len(set(verdict_map.LETTERS.values())) == len(verdict_map.LETTERS)
    with pytest.raises(FileNotFoundError, match=r"expected ledger.json of executed chapters"):
        verdict_map.verdict_map(a_run(tmp_path).chapter.root)
