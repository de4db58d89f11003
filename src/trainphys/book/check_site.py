"""What no reader should meet on a built page: another host, a dead link or anchor, a picture without words."""

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src"}
LOADING_LINKS = {"stylesheet", "preload", "icon", "shortcut icon", "modulepreload", "preconnect"}
CSS_FROM_ELSEWHERE = re.compile(r"url\(['\"]?(?:https?:)?//[^)'\"]+|@import\s+['\"]https?:[^'\"]+")


def problems(site: Path) -> list[str]:
    """Every fault of the built pages, each with its page."""
    _parsed.cache_clear()
    pages = sorted(path for path in site.rglob("*.html") if "_static" not in path.parts)
    if not pages:
        return [f"expected built pages in {site}, found none: run make book"]
    found = [f"{page.relative_to(site)}: {text}" for page in pages for text in _of_page(page)]
    for css in sorted(site.rglob("*.css")):
        found += [f"{css.relative_to(site)}: loads {m}" for m in CSS_FROM_ELSEWHERE.findall(css.read_text("utf8"))]
    return found


class _Page(HTMLParser):
    """What a page loads, shows and leads to, and the anchors that it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = dict(attrs)
        if "id" in have:
            self.ids.add(have["id"] or "")
        if url := have.get(LOADS.get(tag, "")):
            self.loaded.append(url)
        if tag == "img":
            self.images.append(have)
        elif tag == "a" and "href" in have:
            self.links.append(have["href"] or "")
        elif tag == "link" and " ".join((have.get("rel") or "").split()) in LOADING_LINKS and have.get("href"):
            self.loaded.append(have["href"] or "")


@cache
def _parsed(page: Path) -> _Page:
    return _Page(page.read_text("utf8"))


def _of_page(page: Path) -> Iterator[str]:
    parsed = _parsed(page)
    for url in parsed.loaded:
        if url.startswith("data:"):
            continue
        if urlsplit(url).netloc:
            yield f"expected everything from this site, got {url}"
        elif not (page.parent / unquote(urlsplit(url).path)).exists():
            yield f"expected a file, got none at {url}"
    for image in parsed.images:
        alt = (image.get("alt") or "").strip()
        if not alt or re.search(r"\.(png|svg|jpe?g|gif)\b", alt) or "/" in alt.split()[0]:
            yield f"expected alternative text for {str(image.get('src'))[:80]}, got {alt!r}"
    for url in parsed.links:
        if (fault := _dead(page, url)) is not None:
            yield fault


def _dead(page: Path, url: str) -> str | None:
    parts = urlsplit(url)
    if parts.scheme or parts.netloc:
        return None
    target, fragment = urldefrag(url)
    to = (page.parent / unquote(urlsplit(target).path)).resolve() if target else page
    if not to.exists():
        return f"expected a page or file behind the link {url}, got none"
    if fragment and to.suffix == ".html" and fragment not in {"", "top"} and unquote(fragment) not in _parsed(to).ids:
        return f"expected an anchor behind the link {url}, got none"
    return None
