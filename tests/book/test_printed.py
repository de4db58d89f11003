"""Which PDFs are printed anew: those of which something on the page has changed, and only when asked for."""

import contextlib
import urllib.error
import urllib.request

import pikepdf
import pytest

from tests.book.by_hand import NAME, project_file, write_book
from trainphys.book import printed


def blank(to, width):
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(width, 200))
        pdf.save(to)


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "_build/html"
    for name in (f"notebooks/{NAME}.html", "figures/a.svg", "_static/site.css"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"first {name}")
    (folder / f"notebooks/{NAME}.html").write_text('<img alt="A" src="../../figures/a.svg"> <img src="gone.svg">')
    return folder


def test_a_file_is_named_after_article_pictures_and_more(tmp_path, site):
    page = printed.pages([write_book(tmp_path)])[len(printed.BEFORE)]

    def name(more="style"):
        return printed._file(page, site, tmp_path, more).name

    seen = [name()]
    assert name() == seen[0]
    assert seen[0].startswith("A1-")
    assert seen[0].endswith(".pdf")
    (site / "figures/other.svg").write_text("on another page")
    assert name() == seen[0]
    for changed in ("figures/a.svg", f"notebooks/{NAME}.html"):
        path = site / changed
        path.write_text(path.read_text() + " again")
        seen.append(name())
    assert len({*seen, name("another style")}) == 4


def test_what_is_not_printed_of_a_page_is_not_in_its_name(tmp_path, site):
    page = printed.pages([write_book(tmp_path)])[len(printed.BEFORE)]
    path = site / f"notebooks/{NAME}.html"

    def name(foot="commit 1", cite="commit 1", text="It falls."):
        cited = f'<details class="cite-figure"><pre>{cite}</pre></details>'
        article = f'<article class="bd-article"><p>{text}</p>{cited}<p>It rises.</p>{cited}</article>'
        path.write_text(f"<main>{article}</main><footer>{foot}</footer>")
        return printed._file(page, site, tmp_path, "").name

    assert name() == name(foot="commit 2") == name(cite="commit 2")
    assert name() != name(text="It stays.")


def test_style_is_all_style_sheets_and_scripts(site):
    (site / "_static/a").mkdir()
    seen = [printed._style(site)]
    for changed in ("site.css", "a/theme.css", "ledger.js"):
        (site / "_static" / changed).write_text("another")
        seen.append(printed._style(site))
    (site / "_static/a/logo.svg").write_text("of no page")
    assert printed._style(site) == seen[-1]
    assert len(set(seen)) == 4


def test_the_foot_is_of_this_project_and_page(tmp_path):
    page = printed.pages([write_book(tmp_path)])[len(printed.BEFORE)]
    before = printed._foot(page, tmp_path)
    project_file(tmp_path, version="1.1")
    assert printed._foot(page, tmp_path) == before.replace("1.0", "1.1") != before


def test_pages_are_dealt_to_as_many_browsers_as_there_are_cores(tmp_path, site, monkeypatch):
    chapter = write_book(tmp_path)
    (site / "book").mkdir()
    for name in printed.BEFORE:
        (site / f"book/{name}.html").write_text(name)
    opened, asked = [], []

    @contextlib.contextmanager
    def browser():
        opened.append(None)
        yield

    def made(chromium, url, page, to, root):
        asked.append(page.name)
        blank(to, 100)

    monkeypatch.setattr(printed, "_print", made)
    monkeypatch.setattr(printed, "browser", browser)
    monkeypatch.setattr(printed.os, "cpu_count", lambda: 3)
    printed.pdf_all([chapter], site, tmp_path)
    assert len(opened) == 3
    assert sorted(asked) == sorted([*printed.BEFORE, "A1"])


def test_a_page_that_cannot_be_printed_stops_the_build(tmp_path, site, monkeypatch):
    def broken(chromium, url, page, to, root):
        raise TimeoutError(page.name)

    monkeypatch.setattr(printed, "_print", broken)
    monkeypatch.setattr(printed, "browser", lambda: contextlib.nullcontext())
    with pytest.raises(TimeoutError, match="A1"):
        printed.pdf_all([write_book(tmp_path)], site, tmp_path)


def test_what_has_not_changed_is_not_printed_again_and_old_files_go(tmp_path, site, monkeypatch):
    chapter = write_book(tmp_path)
    asked = []

    def made(chromium, url, page, to, root):
        asked.append(url.split("/", 3)[3])
        blank(to, 100 + len(asked))

    monkeypatch.setattr(printed, "_print", made)
    monkeypatch.setattr(printed, "browser", lambda: contextlib.nullcontext())
    monkeypatch.setattr(printed, "served", lambda folder: contextlib.nullcontext("http://a.org"))
    kept = tmp_path / printed.KEPT
    for _ in range(2):
        printed.pdf_all([chapter], site, tmp_path)
    assert asked == [f"notebooks/{NAME}.html"]
    (site / "figures/a.svg").write_text("changed")
    printed.pdf_all([chapter], site, tmp_path)
    assert (len(asked), len(list(kept.glob("A1-*.pdf")))) == (2, 1)
    with pikepdf.open(site / "pdf/A1.pdf") as pdf:
        assert pdf.pages[0].mediabox[2] == 102


def test_the_book_is_bound_from_its_pages_with_a_bookmark_for_each(tmp_path, site, monkeypatch):
    chapter = write_book(tmp_path)
    (site / "book").mkdir()
    for name in ("start", "references"):
        (site / f"book/{name}.html").write_text(name)
    order = ["start", "A1", "references"]

    def made(chromium, url, page, to, root):
        blank(to, 100 + order.index(page.name))

    monkeypatch.setattr(printed, "_print", made)
    monkeypatch.setattr(printed, "browser", lambda: contextlib.nullcontext())
    monkeypatch.setattr(printed, "served", lambda folder: contextlib.nullcontext("http://a.org"))
    printed.pdf_all([chapter], site, tmp_path)
    with pikepdf.open(site / "pdf/book.pdf") as book, book.open_outline() as outline:
        assert [mark.title for mark in outline.root] == [printed.BEFORE["start"], "A1 Toy", "References"]
        assert [book.pages.index(mark.destination[0]) for mark in outline.root] == [0, 1, 2]
        assert [page.mediabox[2] for page in book.pages] == [100, 101, 102]
        assert str(book.docinfo["/Author"]) == printed.project.settings(tmp_path).authors
        assert str(book.docinfo["/Title"]) == "Toys, 1.0"
    first = (site / "pdf/book.pdf").read_bytes()
    monkeypatch.setattr(printed, "_bind", lambda *given: pytest.fail("expected the book to be kept"))
    printed.pdf_all([chapter], site, tmp_path)
    assert (site / "pdf/book.pdf").read_bytes() == first


def test_the_site_is_served_for_as_long_as_it_is_read(site):
    with printed.served(site) as address, urllib.request.urlopen(f"{address}/figures/a.svg") as answer:
        assert answer.read() == b"first figures/a.svg"
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"{address}/figures/a.svg")


def test_a_pdf_says_whose_it_is_and_where_it_was(tmp_path):
    chapter = write_book(tmp_path)
    known = []

    class Page:
        def pdf(self, path, footer_template, **more):
            known.append(footer_template)
            assert path.endswith(".draft")
            (tmp_path / "a.draft").write_text("PDF")

        goto = evaluate = close = lambda self, *given: None

    class Browser:
        new_page = Page

    for address, where in (("", f"notebooks/{NAME}"), ("https://a.org/", f"https://a.org/notebooks/{NAME}.html")):
        project_file(tmp_path, site_url=address)
        page = printed.pages([chapter])[len(printed.BEFORE)]
        printed._print(Browser, "", page, tmp_path / "a.pdf", tmp_path)
        assert f"<span>A. Author: Toys, 1.0 (2026), A1 Toy · {where}</span>" in known.pop()
        assert (tmp_path / "a.pdf").read_text() == "PDF"


@pytest.mark.parametrize(
    ("asked", "found", "expected"),
    [("1", "chromium", True), ("1", None, False), ("", "chromium", False), (None, "chromium", False)],
)
def test_pdfs_are_made_when_asked_for_and_possible(monkeypatch, asked, found, expected):
    monkeypatch.setattr(printed.shutil, "which", lambda name: found and f"/bin/{name}")
    monkeypatch.delenv(printed.WANTED, raising=False)
    if asked is not None:
        monkeypatch.setenv(printed.WANTED, asked)
    assert printed.wanted() is expected
    assert printed.program() == (found and "/bin/chromium")


def test_the_first_program_that_is_there_is_taken(monkeypatch):
    monkeypatch.setattr(printed.shutil, "which", lambda name: "/bin/x" if name == printed.PROGRAMS[-1] else None)
    assert printed.program() == "/bin/x"
