"""The head of a page: a description always, and addresses when the site has one, each of them right."""

import json
import os
import re
import shutil
import subprocess
import sys
import types
import xml.etree.ElementTree
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.util.inventory import InventoryFile

from tests.book.by_hand import NAME, PAGE, a_run, project_file
from trainphys.book import publish
from trainphys.book.site import head, inventory

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
BASE = "https://example.org/book/"
# What Zotero's translator "Embedded Metadata" makes of these tags, and which of them decides on the kind of item.
ZOTERO = {
    "citation_title": "title",
    "citation_publication_date": "date",
    "citation_book_title": "bookTitle",
    "citation_doi": "DOI",
    "citation_public_url": "url",
    "citation_language": "language",
}
KINDS = {
    "citation_journal_title": "journalArticle",
    "citation_technical_report_institution": "report",
    "citation_conference_title": "conferencePaper",
    "citation_book_title": "bookSection",
}


def zotero(page):
    """An item from the ``citation_`` tags of a page, by the rules of that translator."""
    tags = [(tag["name"], tag["content"]) for tag in page.select("head meta[name^=citation_]")]
    item = {ZOTERO[name]: value for name, value in tags if name in ZOTERO}
    item["itemType"] = next((KINDS[name] for name, _ in tags if name in KINDS), "journalArticle")
    item["creators"] = [value for name, value in tags if name == "citation_author"]
    item["attachments"] = [value for name, value in tags if name == "citation_pdf_url"]
    return item


@pytest.fixture
def root(tmp_path):
    quotes = PAGE.replace('"It falls to [[low:.1f]]."', "'It \"falls\" & </script> to [[low:.1f]].'")
    publish.publish([a_run(tmp_path, page=quotes)], tmp_path)
    return tmp_path


def head_of(root, page, *paragraphs):
    """What is put into a page's head, parsed; and what it hands to OpenGraph."""
    document = nodes.section("", *(nodes.paragraph("", text) for text in paragraphs))
    context = {"metatags": "", "meta": None, "title": "List"}
    head.add_tags(types.SimpleNamespace(srcdir=str(root)), page, "page.html", context, document)
    return BeautifulSoup(f"<head>{context['metatags']}</head>", "html.parser"), context["meta"]


def test_without_an_address_a_description_stands_alone(root):
    for page, words in ((f"notebooks/{NAME}", 'It "falls" & </script> to 1.2.'), ("book/ledger", "Every claim.")):
        found, more = head_of(root, page, "", "Every\nclaim.", "More.")
        (tag,) = found.head.find_all(True)
        assert (tag["name"], tag["content"]) == ("description", words)
        assert more is None
    context = {}
    head.add_tags(types.SimpleNamespace(srcdir=str(root)), "search", "search.html", context, None)
    assert context == {}
    assert head_of(root, "book/list")[0].meta["content"] == "List: Toys"
    found, _ = head_of(root, "book/long", "word " * 100)
    assert len(found.meta["content"]) <= head.LENGTH


def test_zotero_takes_a_chapter_for_a_part_of_the_book(root, monkeypatch):
    project_file(root, site_url=BASE, doi="10.1/x")
    monkeypatch.setattr(head.printed, "wanted", lambda: True)
    found, more = head_of(root, f"notebooks/{NAME}")
    assert zotero(found) == {
        "itemType": "bookSection",
        "title": "Toy",
        "bookTitle": "Toys",
        "creators": ["A. Author"],
        "date": "2026",
        "DOI": "10.1/x",
        "url": f"{BASE}notebooks/{NAME}.html",
        "language": "en",
        "attachments": [f"{BASE}pdf/A1.pdf"],
    }
    assert more == {
        "og:type": "article",
        "og:description": 'It "falls" & </script> to 1.2.',
        "og:image": f"{BASE}figures/power-1-toy.png",
        "og:image:alt": "It falls & falls.",
    }
    monkeypatch.setattr(head.printed, "wanted", lambda: False)
    project_file(root, site_url=BASE)
    item = zotero(head_of(root, f"notebooks/{NAME}")[0])
    assert item["attachments"] == []
    assert "DOI" not in item


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        (f"notebooks/{NAME}", "ScholarlyArticle"),
        ("book/ledger", "Dataset"),
        ("book/start", "Book"),
        ("book/cite", None),
    ],
)
def test_the_words_of_schema_org(root, page, kind):
    project_file(root, site_url=BASE)
    found, _ = head_of(root, page, "Words.")
    scripts = found.find_all("script", type="application/ld+json")
    assert len(scripts) == (kind is not None)
    for script in scripts:
        said = json.loads(script.string)
        assert said["@type"] == kind
        assert said["@context"] == "https://schema.org"
        assert said["license"] == "https://creativecommons.org/licenses/by/4.0/"
        assert said.get("headline", said.get("name"))
        assert said["url"] in (f"{BASE}{page}.html", BASE)
        assert said["description"]


def test_claims_that_a_chapter_judges_are_labels(root):
    known = types.SimpleNamespace(labels={}, anonlabels={})
    env = types.SimpleNamespace(get_domain=lambda name: {"std": known}[name])
    assert inventory.add_claims(types.SimpleNamespace(srcdir=str(root)), env) == []
    place = (f"notebooks/{NAME}", "claim-A1.1a")
    assert known.anonlabels == {"claim-a1.1a": place}
    assert known.labels == {"claim-a1.1a": (*place, "A1.1a Title of A1.1a")}


def addresses(page):
    """Every address in the head of a page that leads to this site."""
    found = [tag[key] for key in ("href", "content") for tag in page.head.find_all(attrs={key: True})]
    for script in page.head.find_all("script", type="application/ld+json"):
        found += re.findall(r'"(https?://[^"]+)"', script.string)
    return [url for url in found if url.startswith(("http:", "https:"))]


def pages_of(project):
    site = project.root / "_build/html"
    names = [path.relative_to(site).as_posix() for path in site.rglob("*.html") if "_static" not in path.parts]
    return site, {name: BeautifulSoup((site / name).read_text("utf8"), "html.parser") for name in names}


def test_a_site_without_an_address_names_none(built):
    site, pages = pages_of(built)
    for name, page in pages.items():
        assert addresses(page) == [], name
        assert not page.select("head link[rel=canonical][href^=http], head meta[property^=og]"), name
        if name.startswith(("book/", "notebooks/")):
            (tag,) = page.select("head meta[name=description]")
            assert tag["content"], name
    assert not (site / "sitemap.xml").exists()


def test_another_book_finds_a_claim_in_the_inventory(built):
    site = built.root / "_build/html"
    with (site / "objects.inv").open("rb") as file:
        known = InventoryFile.load(file, BASE.rstrip("/"), lambda base, place: f"{base}/{place}")
    _, version, url, words = known["std:label"]["claim-a7.1a"]
    assert version == "0.1.0"
    assert url == f"{BASE}notebooks/power/7-practical-curve.html#claim-A7.1a"
    assert words.startswith("A7.1a ")
    page = BeautifulSoup((site / "notebooks/power/7-practical-curve.html").read_text("utf8"), "html.parser")
    assert page.find(id="claim-A7.1a")


SMALL = """\
from trainphys.book.site import head, inventory, settings
root_doc, html_theme = "book/start", "sphinx_book_theme"
exclude_patterns = ["_build", "**.md"]
def setup(app):
    for module in (settings, head, inventory):
        module.setup(app)
"""


@pytest.fixture
def addressed(root):
    """Three pages in the book's theme, built with a made-up address; one refers to a claim."""
    project_file(root, site_url=BASE.rstrip("/"))
    (root / "conf.py").write_text(SMALL, "utf8")
    (root / f"notebooks/{NAME}.rst").write_text("Toy\n===\n\nIt falls.\n", "utf8")
    (root / "book/ledger.rst").write_text("Ledger\n======\n\nEvery claim.\n", "utf8")
    start = f"Start\n=====\n\nWords, and :ref:`claim-A1.1a`.\n\n.. toctree::\n\n   ledger\n   /notebooks/{NAME}\n"
    (root / "book/start.rst").write_text(start, "utf8")
    site = root / "_build/html"
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", str(root), str(site)]
    subprocess.run(
        command, cwd=root, env={**os.environ, "PYTHONPATH": os.pathsep.join([str(root), *sys.path])}, check=True
    )
    shutil.copytree(root / publish.PUBLISHED, site, dirs_exist_ok=True)
    return site


def test_every_address_of_a_site_leads_to_one_of_its_files(addressed):
    names = ["book/start.html", "book/ledger.html", f"notebooks/{NAME}.html"]
    pages = {name: BeautifulSoup((addressed / name).read_text("utf8"), "html.parser") for name in names}
    for name, page in pages.items():
        own = [url for url in addresses(page) if urlsplit(url).hostname == "example.org"]
        others = {urlsplit(url).hostname for url in addresses(page)} - {"example.org"}
        assert others <= {"schema.org", "creativecommons.org"}, name
        assert own
        for url in own:
            assert url.startswith(BASE), (name, url)
            assert (addressed / unquote(urlsplit(url.removeprefix(BASE)).path)).exists(), (name, url)
        (canonical,) = page.select("head link[rel=canonical]")
        (opened,) = page.select('head meta[property="og:url"]')
        assert canonical["href"] == opened["content"] == BASE + name
        (description,) = page.select("head meta[name=description]")
        (shown,) = page.select('head meta[property="og:description"]')
        assert description["content"] == shown["content"]
    assert zotero(pages[names[2]])["itemType"] == "bookSection"
    assert zotero(pages[names[0]])["creators"] == []
    (picture,) = pages[names[2]].select('head meta[property="og:image"]')
    assert picture["content"] == f"{BASE}figures/power-1-toy.png"
    places = xml.etree.ElementTree.parse(addressed / "sitemap.xml").iter(f"{SITEMAP}loc")
    assert {place.text for place in places} == {BASE + name for name in names}
    (link,) = pages[names[0]].select("article a.reference.internal[href*=claim]")
    assert (link["href"], link.get_text()) == (f"../notebooks/{NAME}.html#claim-A1.1a", "A1.1a Title of A1.1a")


def test_a_description_says_formulas_in_plain_text():
    words = nodes.paragraph("", "The unit is ", nodes.math("", r"B_{\text{crit}}"), nodes.Text(", a batch size."))
    assert head._first_paragraph(nodes.section("", words)) == "The unit is B_crit, a batch size."
