"""What no reader should meet on a built page: another host, a dead link or anchor, a picture without words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

from bs4 import BeautifulSoup, Tag

LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src"}
LOADING_LINKS = {"stylesheet", "preload", "icon", "shortcut icon", "modulepreload", "preconnect"}
CSS_FROM_ELSEWHERE = re.compile(r"url\(['\"]?(?:https?:)?//[^)'\"]+|@import\s+['\"]https?:[^'\"]+")


def problems(site: Path) -> list[str]:
    """Every fault of the built pages, each with its page."""
    pages = sorted(path for path in site.rglob("*.html") if "_static" not in path.parts)
    if not pages:
        return [f"expected built pages in {site}, found none: run make book"]
    found = [f"{page.relative_to(site)}: {text}" for page in pages for text in _of_page(page)]
    for css in sorted(site.rglob("*.css")):
        found += [f"{css.relative_to(site)}: loads {m}" for m in CSS_FROM_ELSEWHERE.findall(css.read_text("utf8"))]
    return found


@cache
def _parsed(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text("utf8"), "html.parser")


def _of_page(page: Path) -> Iterator[str]:
    soup = _parsed(page)
    for url in _loaded(soup):
        if url.startswith("data:"):
            continue
        if urlsplit(url).netloc:
            yield f"expected everything from this site, got {url}"
        elif not (page.parent / unquote(urlsplit(url).path)).exists():
            yield f"expected a file, got none at {url}"
    for image in soup.find_all("img"):
        alt = str(image.get("alt") or "").strip()
        if not alt or re.search(r"\.(png|svg|jpe?g|gif)\b", alt) or "/" in alt.split()[0]:
            yield f"expected alternative text for {str(image.get('src'))[:80]}, got {alt!r}"
    for anchor in soup.find_all("a", href=True):
        if (fault := _dead(page, str(anchor["href"]))) is not None:
            yield fault


def _loaded(soup: BeautifulSoup) -> Iterator[str]:
    for tag in soup.find_all(True):
        assert isinstance(tag, Tag)
        if tag.name in LOADS and tag.get(LOADS[tag.name]):
            yield str(tag[LOADS[tag.name]])
        elif tag.name == "link" and " ".join(tag.get("rel") or []) in LOADING_LINKS and tag.get("href"):
            yield str(tag["href"])


def _dead(page: Path, url: str) -> str | None:
    parts = urlsplit(url)
    if parts.scheme or parts.netloc:
        return None
    target, fragment = urldefrag(url)
    to = (page.parent / unquote(urlsplit(target).path)).resolve() if target else page
    if not to.exists():
        return f"expected a page or file behind the link {url}, got none"
    if fragment and to.suffix == ".html" and fragment not in {"", "top"}:
        soup = _parsed(to)
        if soup.find(id=unquote(fragment)) is None:
            return f"expected an anchor behind the link {url}, got none"
    return None
