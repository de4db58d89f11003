"""The built site in numbers: how soon a chapter shows its picture, how long it takes to read, what a page weighs."""

import gzip
import json
from pathlib import Path
from typing import Any

from trainphys.book import printed, project, whole
from trainphys.book.chapters import find_chapters
from trainphys.book.publish import points

WRITTEN = "book/measure.json"
VIEWS = {"desktop": (1400, 900), "phone": (390, 844)}

# 200 words a minute, 20 s a displayed formula or figure, 3 s a visible row of a table, 2 s an open line of code
LOOK = """() => {
  const article = document.querySelector("article.bd-article");
  const seen = node => node.getClientRects().length > 0 && !node.closest("details:not([open])");
  const all = what => [...article.querySelectorAll(what)].filter(seen);
  const top = node => node.getBoundingClientRect().top + scrollY;
  const height = article.getBoundingClientRect().height;
  const rooms = all("section").filter(s => s.querySelector(":scope > .cell .claim-card, :scope > .claim-card"));
  const figure = all("figure img")[0];
  const prose = article.cloneNode(true);
  const others = "table, pre, .math, mjx-container, details, .strip, script, style, .headerlink";
  prose.querySelectorAll(others).forEach(n => n.remove());
  const words = prose.textContent.split(/\\s+/).filter(Boolean).length;
  const lines = all(".cell_input pre").reduce((sum, pre) => sum + pre.textContent.trim().split("\\n").length, 0);
  const formulas = all("div.math"), figures = all("figure"), rows = all("table tr");
  const cut = all("div.math, .cell_input pre").filter(n => n.scrollWidth > n.clientWidth + 1).length;
  const seconds = words * .3 + 20 * (formulas.length + figures.length) + 3 * rows.length + 2 * lines;
  return {
    screens: figure ? (top(figure) + figure.getBoundingClientRect().height * .5) / innerHeight : null,
    verdicts: rooms.reduce((sum, s) => sum + s.getBoundingClientRect().height, 0) / height,
    minutes: seconds / 60, words, lines, cut, height,
    formulas: formulas.length, figures: figures.length, rows: rows.length,
    widths: Object.fromEntries(figures.filter(f => f.id).map(f => [f.id, f.querySelector("img").clientWidth])),
  };
}"""

# the width of each figure when it is opened large (figures.js), those in folds too
OPENED = """async () => {
  const found = {};
  document.querySelectorAll("details").forEach(fold => fold.open = true);
  for (const link of document.querySelectorAll("figure[id] a.image-reference")) {
    if (!link.getClientRects().length) continue;
    link.click();
    const page = document.querySelector("dialog[open]"), picture = page.querySelector("img");
    const late = new Promise((_, fail) => setTimeout(() => fail(new Error(`not shown in 60 s: ${link.href}`)), 6e4));
    await Promise.race([picture.decode().then(() => new Promise(requestAnimationFrame)), late]);
    found[link.closest("figure").id] = picture.clientWidth;
    page.close();
  }
  return found;
}"""


def measure(root: Path) -> dict[str, Any]:
    """All numbers of the built site, by chapter and view; and bytes of the pages that people meet first."""
    site = root / "_build/html"
    if not (site / "figures.json").is_file():
        raise project.SourceError(f"expected the built site in {site}, got none: run make book first")
    labels = {row["name"]: row["label"] for row in json.loads((site / "figures.json").read_text("utf8"))}
    found: dict[str, Any] = {"chapters": {}, "bytes": {}}
    with printed.served(site) as address, printed.browser() as browser:
        for chapter in find_chapters(root):
            own = found["chapters"].setdefault(chapter.number, {"name": chapter.name})
            for view in VIEWS:
                own[view] = _look(browser, f"{address}/{chapter.docname}.html", view)
            own["label_px"] = smallest_label(site, labels, own["phone"].pop("widths"))
            own["opened_label_px"] = smallest_label(site, labels, own["phone"].pop("opened"))
            own["desktop"] = {key: own["desktop"][key] for key in own["phone"]}
        for page in ("book/start", "book/ledger", "notebooks/power/7-practical-curve"):
            found["bytes"][page] = _bytes(browser, f"{address}/{page}.html", site)
    return found


def write(root: Path) -> dict[str, Any]:
    """Measure, and keep what the page *Execution* shows."""
    found = measure(root)
    whole.write_json(root / WRITTEN, found)
    return found


def table(found: dict[str, Any]) -> list[str]:
    """Markdown, a row a chapter."""
    lines = [
        "| chapter | first figure (screens) | verdicts (share of the height) | on a phone | minutes to read | "
        "cut at 1400 px | smallest label on a phone (px) | of an opened figure |",
        "|:--|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for number, own in found["chapters"].items():
        wide = own["desktop"]
        screens = "none" if wide["screens"] is None else f"{wide['screens']:.1f}"
        lines.append(
            f"| {number} | {screens} | {wide['verdicts']:.1%} | {own['phone']['verdicts']:.1%} | "
            f"{wide['minutes']:.0f} | {wide['cut']} | {own['label_px']:.1f} | {own['opened_label_px']:.1f} |"
        )
    return lines


def weights(found: dict[str, Any]) -> str:
    """What the pages that people meet first weigh."""
    return ", ".join(f"{page} {size / 1000:.0f} kB" for page, size in found["bytes"].items())


def _look(browser: Any, url: str, view: str) -> dict[str, Any]:
    width, height = VIEWS[view]
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(url)
    page.evaluate("window.MathJax?.startup?.promise")
    found: dict[str, Any] = page.evaluate(LOOK)
    if view == "phone":
        found["opened"] = page.evaluate(OPENED)
    page.close()
    return found


def smallest_label(site: Path, labels: dict[str, float], widths: dict[str, float]) -> float:
    """Pixels of the smallest label: its points, times the width shown over the width drawn."""
    drawn = {name: points((site / f"figures/{name}.svg").read_text("utf8"))[0] for name in widths}
    return min((labels[name] * width / drawn[name] for name, width in widths.items()), default=0)


def _bytes(browser: Any, url: str, site: Path) -> int:
    """Compressed bytes of all that a page loads before anybody scrolls."""
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    paths: list[str] = []
    page.on("requestfinished", lambda request: paths.append(request.url.split("?")[0].split("/", 3)[3]))
    page.goto(url, wait_until="networkidle")
    page.close()
    return sum(len(gzip.compress((site / path).read_bytes(), 6)) for path in set(paths) if (site / path).is_file())
