"""Chapters and the book as PDFs: pages printed by Chromium, two at a time; what is as it was is not printed again."""

import functools
import hashlib
import html
import http.server
import os
import re
import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf

from trainphys.book import project
from trainphys.book.chapters import Chapter

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-gpu")
PICTURE = re.compile(r'<img[^>]* src="([^"]+)"')
# What is printed of a page; the sidebars and the foot, which names the commit, are not.
ARTICLE = re.compile(r'<article class="bd-article".*</article>', re.S)
NOT_PRINTED = re.compile(r'<details class="cite-figure".*?</details>', re.S)  # site.css hides it; it names the commit
WANTED = "TRAINPHYS_PDF"
BEFORE = {
    "start": "The Physics of Training, Audited",
    "findings": "Findings",
    "document-a": "Document A",
    "document-b": "Document B",
    "document-c": "Document C",
    "verdicts": "How to read a verdict",
}
AFTER = {"survives": "What survives", "references": "References"}
KEPT = "_build/printed"  # outside the site, which every build makes anew


def program() -> str | None:
    """Where Chromium is, if it is."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def wanted() -> bool:
    """Whether this build makes PDFs, and pages lead to them: if it was asked to, and if there is a Chromium."""
    return bool(os.environ.get(WANTED)) and program() is not None


@dataclass(frozen=True)
class Page:
    """A page of the site to be printed: where it is, the file's name, and what the book's bookmarks call it."""

    docname: str
    name: str
    title: str


def pages(chapters: Sequence[Chapter]) -> list[Page]:
    """The book from cover to references."""
    own = [Page(chapter.docname, chapter.number, f"{chapter.number} {chapter.title}") for chapter in chapters]
    before, after = ([Page(f"book/{name}", name, title) for name, title in part.items()] for part in (BEFORE, AFTER))
    return [*before, *own, *after]


def pdf_all(chapters: Sequence[Chapter], site: Path, root: Path) -> None:
    """Print what has changed into ``pdf/A7.pdf`` and the like, and bind all of it into ``pdf/book.pdf``."""
    kept = root / KEPT
    kept.mkdir(parents=True, exist_ok=True)
    (site / "pdf").mkdir(exist_ok=True)
    all_pages = [page for page in pages(chapters) if (site / f"{page.docname}.html").is_file()]
    style = _style(site)
    files = {page: _file(page, site, kept, style + _foot(page, root)) for page in all_pages}
    _print_all({page: file for page, file in files.items() if not file.is_file()}, site, root)
    digest = hashlib.sha256("".join(file.name for file in files.values()).encode()).hexdigest()[:16]
    book = kept / f"book-{digest}.pdf"
    if not book.is_file():
        _bind(files, book, root)
    for name, file in [*((page.name, file) for page, file in files.items()), ("book", book)]:
        for old in kept.glob(f"{name}-{'[0-9a-f]' * 16}.pdf"):
            if old != file:
                old.unlink()
        shutil.copy(file, site / f"pdf/{name}.pdf")


def _bind(files: Mapping[Page, Path], to: Path, root: Path) -> None:
    known = project.settings(root)
    draft = to.with_suffix(".draft")
    with pikepdf.new() as book:
        with book.open_outline() as outline:
            for page, file in files.items():
                outline.root.append(pikepdf.OutlineItem(page.title, len(book.pages)))
                with pikepdf.open(file) as printed:
                    book.add_pages_from(printed)
        book.docinfo["/Title"], book.docinfo["/Author"] = f"{known.title}, {known.version}", known.authors
        book.save(draft, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    draft.replace(to)


def _style(site: Path) -> str:
    """SHA-256 of all that decides how pages look: style sheets and scripts."""
    digest = hashlib.sha256()
    for path in sorted(path for path in (site / "_static").rglob("*") if path.suffix in (".css", ".js")):
        digest.update(path.relative_to(site).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _file(page: Page, site: Path, kept: Path, more: str) -> Path:
    """Named after all that a printed page is made of: its article, its figures, and ``more`` of style and foot."""
    source = site / f"{page.docname}.html"
    text = source.read_text("utf8")
    article = ARTICLE.search(text)
    shown = NOT_PRINTED.sub("", article[0] if article else text)
    digest = hashlib.sha256((shown + more).encode())
    for name in sorted(set(PICTURE.findall(shown))):
        picture = (source.parent / name).resolve()
        digest.update(picture.read_bytes() if picture.is_file() else b"")
    return kept / f"{page.name}-{digest.hexdigest()[:16]}.pdf"


def _foot(page: Page, root: Path) -> str:
    """The line below each printed page: whose it is, and where it was found."""
    known = project.settings(root)
    where = f"{known.site_url.rstrip('/')}/{page.docname}.html" if known.site_url else page.docname
    return html.escape(f"{known.authors}: {known.title}, {known.version} ({known.year}), {page.title} · {where}")


def _print_all(todo: Mapping[Page, Path], site: Path, root: Path) -> None:
    """Print pages side by side, each worker with a Chromium of its own, the longest pages first."""
    if not todo:
        return
    workers = min(os.cpu_count() or 1, len(todo))
    longest_first = sorted(todo, key=lambda page: -(site / f"{page.docname}.html").stat().st_size)
    with served(site) as address, ThreadPoolExecutor(workers) as pool:
        shares = [longest_first[first::workers] for first in range(workers)]
        list(pool.map(lambda share: _print_share(share, todo, address, root), shares))


def _print_share(share: Iterable[Page], files: Mapping[Page, Path], address: str, root: Path) -> None:
    with browser() as chromium:
        for page in share:
            _print(chromium, f"{address}/{page.docname}.html", page, files[page], root)


def _print(chromium: Any, url: str, page: Page, to: Path, root: Path) -> None:
    shown = chromium.new_page()
    shown.goto(url)
    shown.evaluate("window.MathJax?.startup?.promise")
    shown.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
    style = "font: 8px sans-serif; width: 100%; margin: 0 1.5cm; display: flex; justify-content: space-between"
    draft = to.with_suffix(".draft")
    shown.pdf(
        path=str(draft),
        format="A4",
        display_header_footer=True,
        header_template="<span></span>",
        footer_template=(
            f'<div style="{style}"><span>{_foot(page, root)}</span><span class="pageNumber"></span></div>'
        ),
        margin={"top": "1.5cm", "bottom": "1.6cm", "left": "1.5cm", "right": "1.5cm"},
        print_background=True,
    )
    shown.close()
    draft.replace(to)


@contextmanager
def served(site: Path) -> Iterator[str]:
    """The site at an address of this machine, for a browser."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None: ...

    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium without a window.

    Raises:
        FileNotFoundError: there is none.
    """
    from playwright.sync_api import sync_playwright

    if (path := program()) is None:
        raise FileNotFoundError("expected Chromium, found none: apt-get install chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield found
        finally:
            found.close()
