"""What search engines, reference managers and chats read in the head of a page.

A description stands always; what holds an address (citation_*, OpenGraph, JSON-LD) stands when the site has one.
"""

import html
import json
import textwrap
from pathlib import Path
from typing import Any

from docutils import nodes

from trainphys.book import cite, printed, project
from trainphys.book.chapters import Chapter
from trainphys.book.site.pages import read
from trainphys.book.site.without_tex import without_tex

LENGTH = 300  # of a description, in characters


def setup(app: Any) -> None:
    app.connect("html-page-context", add_tags, priority=400)  # before OpenGraph's, which leave a description alone


def add_tags(app: Any, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    if doctree is None:
        return
    root = Path(app.srcdir)
    chapter = Chapter(root, page.removeprefix("notebooks/")) if page.startswith("notebooks/") else None
    known = project.settings(root)
    # a page may be a list alone
    words = _finding(chapter) if chapter else _first_paragraph(doctree) or f"{context['title']}: {known.title}"
    tags = [("description", words)]
    if known.site_url:
        tags += _citation(chapter, root) if chapter else []
        context["meta"] = {**(context.get("meta") or {}), **_opengraph(chapter, words, root)}
        context["metatags"] += _json_ld(_described(page, chapter, words, root))
    context["metatags"] += "".join(
        f'<meta name="{name}" content="{html.escape(content)}" />\n' for name, content in tags if content
    )


def _finding(chapter: Chapter) -> str:
    rows = read(chapter.root, "execution.json")
    finding = next(row["finding"] for row in rows if row["chapter"] == chapter.name)
    return textwrap.shorten(without_tex(finding), LENGTH, placeholder=" …")


def _first_paragraph(doctree: nodes.document) -> str:
    texts = (" ".join(_text(paragraph).split()) for paragraph in doctree.findall(nodes.paragraph))
    return textwrap.shorten(next(filter(None, texts), ""), LENGTH, placeholder=" …")


def _text(paragraph: nodes.paragraph) -> str:
    """Words of a paragraph, without markup in its formulas."""
    parts = (f"${part.astext()}$" if isinstance(part, nodes.math) else part.astext() for part in paragraph.children)
    return without_tex("".join(parts))


def _citation(chapter: Chapter, root: Path) -> list[tuple[str, str]]:
    """Google Scholar's and Zotero's tags for a part of a book."""
    known = project.settings(root)
    return [
        ("citation_title", chapter.title),
        ("citation_author", known.authors),
        ("citation_publication_date", str(known.year)),
        ("citation_book_title", known.title),
        ("citation_public_url", cite.address(cite.chapter(chapter), root)),
        ("citation_doi", known.doi),
        ("citation_pdf_url", f"{known.base}pdf/{chapter.number}.pdf" if printed.wanted() else ""),
        ("citation_language", "en"),
    ]


def _opengraph(chapter: Chapter | None, words: str, root: Path) -> dict[str, str]:
    """What a link in a chat shows: the description, and of a chapter the figure that leads."""
    if chapter is None:
        return {"og:description": words}
    figures = [own for own in read(root, "figures.json") if own["chapter"] == chapter.name]
    lead = next((own for own in figures if own["number"] == f"{chapter.number}.1"), None)
    picture = {"og:image": f"{project.settings(root).base}figures/{lead['name']}.png"} if lead else {}
    alt = {"og:image:alt": lead["alt"]} if lead else {}
    return {"og:type": "article", "og:description": words, **picture, **alt}


def _described(page: str, chapter: Chapter | None, words: str, root: Path) -> dict[str, Any] | None:
    """In the words of schema.org: a chapter is an article, the ledger a data set, the first page the book."""
    known = project.settings(root)
    url = f"{known.base}{page}.html"
    shared: dict[str, Any] = {
        "@context": "https://schema.org",
        "url": url,
        "description": words,
        "author": {"@type": "Organization", "name": known.authors},
        "datePublished": str(known.year),
        "version": known.version,
        "license": cite.LICENCES[known.licence],
        "inLanguage": "en",
    }
    book = {"@type": "Book", "name": known.title, "url": known.base}
    if chapter:
        part = {"headline": chapter.title, "articleSection": chapter.number, "isPartOf": book}
        return {**shared, "@type": "ScholarlyArticle", **part}
    if page == "book/ledger":
        formats = {"application/json": "ledger.json", "application/ld+json": "claimreview.jsonld"}
        files = [
            {"@type": "DataDownload", "encodingFormat": form, "contentUrl": known.base + name}
            for form, name in formats.items()
        ]
        return {**shared, "@type": "Dataset", "name": cite.the_ledger().title, "isPartOf": book, "distribution": files}
    return {**shared, **book} if page == "book/start" else None


def _json_ld(found: dict[str, Any] | None) -> str:
    if found is None:
        return ""
    text = json.dumps(found, ensure_ascii=False).replace("</", "<\\/")
    return f'<script type="application/ld+json">{text}</script>\n'
