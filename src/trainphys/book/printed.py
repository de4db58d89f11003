"""Each chapter as a PDF: its page, printed by Chromium; a chapter whose page is as it was keeps its PDF."""

import functools
import hashlib
import html
import http.server
import os
import re
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from trainphys.book import project
from trainphys.book.chapters import Chapter

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-gpu")
PICTURE = re.compile(r'<img[^>]* src="([^"]+)"')
WANTED = "TRAINPHYS_PDF"
KEPT = "_build/printed"  # outside the site, which every build makes anew


def program() -> str | None:
    """Where Chromium is, if it is."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def wanted() -> bool:
    """Whether this build makes PDFs, and pages lead to them: if it was asked to, and if there is a Chromium."""
    return bool(os.environ.get(WANTED)) and program() is not None


def pdf_chapters(chapters: Sequence[Chapter], root: Path) -> None:
    """Print what has changed into ``pdf/A7.pdf`` of the site."""
    site, kept = root / "_build/html", root / KEPT
    kept.mkdir(parents=True, exist_ok=True)
    (site / "pdf").mkdir(exist_ok=True)
    todo = [chapter for chapter in chapters if not _file(chapter, site, kept).is_file()]
    if todo:
        with served(site) as address, browser() as chromium:
            for chapter in todo:
                _print(chromium, f"{address}/{chapter.docname}.html", chapter, _file(chapter, site, kept), root)
    for chapter in chapters:
        file = _file(chapter, site, kept)
        for old in kept.glob(f"{chapter.number}-*.pdf"):
            if old != file:
                old.unlink()
        shutil.copy(file, site / f"pdf/{chapter.number}.pdf")


def _file(chapter: Chapter, site: Path, kept: Path) -> Path:
    """Named after all that a printed page is made of: its HTML, its figures and the style."""
    page = site / f"{chapter.docname}.html"
    digest = hashlib.sha256(page.read_bytes() + (site / "_static/site.css").read_bytes())
    for name in sorted(set(PICTURE.findall(page.read_text("utf8")))):
        picture = (page.parent / name).resolve()
        digest.update(picture.read_bytes() if picture.is_file() else b"")
    return kept / f"{chapter.number}-{digest.hexdigest()[:16]}.pdf"


def _print(chromium: Any, url: str, chapter: Chapter, to: Path, root: Path) -> None:
    known = project.settings(root)
    page = chromium.new_page()
    page.goto(url)
    page.evaluate("window.MathJax?.startup?.promise")
    page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
    style = "font: 8px sans-serif; width: 100%; margin: 0 1.5cm; display: flex; justify-content: space-between"
    where = f"{known.site_url.rstrip('/')}/{chapter.docname}.html" if known.site_url else chapter.docname
    words = html.escape(f"{known.authors}: {known.title}, {known.version} ({known.year}), {chapter.number} · {where}")
    draft = to.with_suffix(".draft")
    page.pdf(
        path=str(draft),
        format="A4",
        display_header_footer=True,
        header_template="<span></span>",
        footer_template=f'<div style="{style}"><span>{words}</span><span class="pageNumber"></span></div>',
        margin={"top": "1.5cm", "bottom": "1.6cm", "left": "1.5cm", "right": "1.5cm"},
        print_background=True,
    )
    page.close()
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
