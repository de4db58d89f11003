"""The built site in a real browser: nothing from elsewhere, nothing broken, readable by everyone."""

import functools
import http.server
import json
import os
import re
import shutil
import threading
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from trainphys.book import check_site
from trainphys.book.measure import LOOK, OPENED, smallest_label
from trainphys.book.site.without_tex import without_tex

SITE = Path(__file__).resolve().parents[2] / "_build/html"
PAGES = sorted(str(p.relative_to(SITE)) for p in SITE.rglob("*.html") if "_static" not in p.parts)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CHAPTERS = [path for path in PAGES if path.startswith("notebooks/")]
VIEWS = {"desktop": (1400, 900), "phone": (390, 844)}

pytestmark = [
    pytest.mark.skipif(
        CHROMIUM is None and not os.environ.get("TRAINPHYS_REQUIRE_BROWSER"), reason="expected chromium, found none"
    ),
]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def address():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def chromium():
    assert CHROMIUM, "expected chromium, found none: install it"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def browser(chromium):
    """With no page open, before a test and after it."""
    yield chromium
    for context in chromium.contexts:
        context.close()


def opened(browser: Browser, address: str, path: str, view: str = "desktop", scheme: str = "light", **more) -> Page:
    """A loaded page, which remembers its faults."""
    width, height = VIEWS[view]
    page = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, **more).new_page()
    page.faults = []
    page.on("console", lambda message: page.faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    # a picture that a reload or another colour scheme makes needless is given up, which is no fault
    page.on(
        "requestfailed", lambda r: None if "ABORTED" in (r.failure or "") else page.faults.append(f"failed: {r.url}")
    )
    page.on("request", lambda r: None if r.url.startswith((address, "data:")) else page.faults.append(f"left: {r.url}"))
    page.goto(f"{address}/{path}")
    if more.get("java_script_enabled", True):
        page.evaluate("window.MathJax?.startup?.promise")
    return page


def test_there_is_a_site():
    assert "index.html" in PAGES, "expected a built book: run make book"
    assert COLOURED, "expected pages with code, found none"


def test_no_dead_link_no_wordless_picture_no_other_host():
    assert check_site.problems(SITE) == []


def kinds_of_tokens(path: str) -> set[tuple[str, str]]:
    """Language and class of every coloured word of code on a page."""
    code = r'<div class="highlight-(\w+)[^>]*><div class="highlight"><pre>(.*?)</pre>'
    blocks = re.findall(code, (SITE / path).read_text("utf8"), re.S)
    return {(language, kind) for language, block in blocks for kind in re.findall('<span class="(.*?)">', block)}


def coloured_pages() -> set[str]:
    """A few pages that together show every kind of token: all have one style sheet, and tokens are half of a page."""
    kinds = {path: kinds_of_tokens(path) for path in PAGES}
    missing, chosen = set().union(*kinds.values()), set()
    while missing:
        best = max(kinds, key=lambda path: len(kinds[path] & missing))
        missing -= kinds[best]
        chosen.add(best)
    return chosen


COLOURED = coloured_pages()
WITHOUT_TOKENS = "document.querySelectorAll('.highlight pre').forEach(pre => pre.textContent = pre.textContent)"


def serious_faults(page: Page, *, tokens: bool) -> list[dict[str, object]]:
    """What axe-core calls serious or critical, each with the first places; what passes is not listed, which is slow.

    Code without its tokens is a text of one colour: to exclude tokens instead takes longer than to check them.
    """
    if not tokens:
        page.evaluate(WITHOUT_TOKENS)
    found = Axe().run(page, options={"preload": False, "resultTypes": ["violations"]}).response["violations"]
    serious = [fault for fault in found if fault["impact"] in ("serious", "critical")]
    return [{"id": fault["id"], "where": [node["html"][:200] for node in fault["nodes"][:3]]} for fault in serious]


@pytest.mark.parametrize(
    "path", [p for p in PAGES if p not in ("index.html", "genindex.html", "search.html", "404.html")]
)
def test_page(browser, address, path):
    """Loads from here alone, renders every formula, and is readable wide and light, narrow and dark."""
    page = opened(browser, address, path)
    marked, rendered, broken = page.evaluate(
        "['.math', 'mjx-container', 'mjx-merror, merror'].map(s => document.querySelectorAll(s).length)"
    )
    assert rendered >= marked
    assert broken == 0
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, "scrolls sideways"
    if path in CHAPTERS:
        found = page.evaluate(LOOK)
        assert found["screens"] < 1.5, "first picture"
        assert round(found["minutes"]) <= 12
        assert found["cut"] == 0
        assert found["verdicts"] <= 0.15
    assert serious_faults(page, tokens=path in COLOURED) == []
    assert page.faults == []
    page.set_viewport_size(dict(zip(("width", "height"), VIEWS["phone"], strict=True)))
    page.emulate_media(color_scheme="dark")
    page.reload()
    page.evaluate("window.MathJax?.startup?.promise")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, "scrolls sideways on a phone"
    if path in CHAPTERS:
        assert page.evaluate(LOOK)["verdicts"] <= 0.15, "on a phone"
    assert serious_faults(page, tokens=path in COLOURED) == []
    if path in CHAPTERS:
        labels_of_opened_figures_can_be_read(page, path)
    assert page.faults == []


def labels_of_opened_figures_can_be_read(page: Page, path: str) -> None:
    figures = json.loads((SITE / "figures.json").read_text("utf8"))
    points = {row["name"]: row["label"] for row in figures if path == f"notebooks/{row['chapter']}.html"}
    widths = page.evaluate(OPENED)
    assert widths.keys() == points.keys()
    assert not points or smallest_label(SITE, points, widths) >= 9


def test_search_finds_a_claim(browser, address):
    page = opened(browser, address, "search.html?q=B7.1c")
    page.wait_for_selector("#search-results li a", timeout=15_000)
    links = page.eval_on_selector_all("#search-results li a", "links => links.map(link => link.href)")
    assert any("7-guarantees" in link or "ledger" in link for link in links)
    assert page.faults == []


def test_the_page_for_lost_addresses_stands_by_itself(browser, address):
    page = opened(browser, address, "404.html")
    assert page.inner_text("h1") == "No such page"
    assert serious_faults(page, tokens=False) == []
    assert page.faults == []


SEARCHES = {
    "batch size": "power/7-practical-curve",
    "critical batch size": "power/7-practical-curve",
    "learning rate": "power/6-stabilisation",
    "momentum": "power/6-stabilisation",
    "entropy production": "cooling/3-quenching-and-annealing",
    "heavy ball": "power/3-stability",
    "temperature": "cooling/1-initial-setup",
    "time to convergence": "distance/3-core-discoveries",
}


def test_search_puts_the_chapter_that_measures_a_thing_first(browser, address):
    for words, chapter in SEARCHES.items():
        page = opened(browser, address, f"search.html?q={words.replace(' ', '+')}")
        page.wait_for_selector("#search-results li a", timeout=15_000)
        first = page.locator("#search-results li a").first.get_attribute("href")
        assert chapter in first, (words, first)
        page.context.close()


def test_search_shows_prose(browser, address):
    page = opened(browser, address, "search.html?q=critical+batch+size")
    page.wait_for_selector("#search-results li p.context", timeout=15_000)
    texts = page.locator("#search-results li p.context").all_inner_texts()
    assert texts
    assert not [text for text in texts if "import " in text or "\\frac" in text or "plt." in text]


def test_words_of_the_glossary_are_explained_by_keyboard(browser, address):
    page = opened(browser, address, "notebooks/power/7-practical-curve.html")
    word = page.locator("a.term").first
    word.focus()
    assert len(word.get_attribute("data-tip")) > 20
    assert page.locator("a.term", has_text="critical batch size").count() == 1


def test_an_explorer_by_keyboard_by_touch_and_by_address(browser, address):
    page = opened(browser, address, "notebooks/distance/3-core-discoveries.html?landscape.p=1&landscape.b=0.2")
    explorer = page.locator('[data-explorer="landscape"]')
    assert "arrives at a solution" in explorer.locator(".explorer-words").inner_text()
    bias = page.locator("#explorer-landscape-b")
    bias.focus()
    for _ in range(25):
        page.keyboard.press("ArrowRight")
    assert "local minimum" in explorer.locator(".explorer-words").inner_text()
    assert "landscape.b=1.45" in page.evaluate("location.search")
    kept = opened(
        browser,
        address,
        f"notebooks/distance/3-core-discoveries.html{page.evaluate('location.search + location.hash')}",
    )
    assert "local minimum" in kept.locator('[data-explorer="landscape"] .explorer-words').inner_text()
    assert 0 <= kept.locator('[data-explorer="landscape"]').bounding_box()["y"] < 200, "opens where it was dragged"
    box = explorer.locator("svg").bounding_box()
    page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 0.45 * box["height"])
    assert "arrives at a solution" in explorer.locator(".explorer-words").inner_text()
    assert page.faults == []


EXPLORERS = [
    ("notebooks/power/3-stability.html", "stability"),
    ("notebooks/power/7-practical-curve.html", "critical-batch"),
    ("notebooks/power/8-operating-point.html", "operating-point"),
    ("notebooks/cooling/4-optimal-cooling.html", "cooling"),
    ("notebooks/cooling/7-guarantees.html", "success"),
    ("notebooks/distance/3-core-discoveries.html", "landscape"),
    ("notebooks/distance/5-applications.html", "loss-curve"),
    ("book/start.html", "critical-batch"),
]


def test_the_list_of_explorers_is_whole():
    there = {
        (path, name)
        for path in PAGES
        for name in re.findall(r'data-explorer="([\w-]+)"', (SITE / path).read_text("utf8"))
    }
    assert there == set(EXPLORERS)


@pytest.mark.parametrize(("path", "name"), EXPLORERS)
def test_each_explorer_answers_to_keys_and_to_a_finger_on_a_phone(browser, address, path, name):
    page = opened(browser, address, path, "phone", has_touch=True)
    explorer = page.locator(f'[data-explorer="{name}"]')
    said = explorer.locator(".explorer-words")
    controls = explorer.locator("input[type=range], textarea")
    assert controls.count() >= 1
    for one in controls.all():
        before = said.inner_text(), explorer.locator("svg").inner_html()
        one.scroll_into_view_if_needed()
        one.focus()
        if one.get_attribute("type") == "range":
            ahead = float(one.input_value()) < float(one.get_attribute("max"))
            for _ in range(3):
                page.keyboard.press("ArrowRight" if ahead else "ArrowLeft")
        else:
            page.keyboard.press("Control+A")
            page.keyboard.type("\n".join(f"{2**k} {200 + 20000 // 2**k}" for k in range(12)))
        assert (said.inner_text(), explorer.locator("svg").inner_html()) != before, one.get_attribute("id")
        if one.get_attribute("type") != "range":
            continue
        before = one.input_value()
        box = one.bounding_box()
        share = 0.2 if float(before) > (float(one.get_attribute("min")) + float(one.get_attribute("max"))) / 2 else 0.8
        page.touchscreen.tap(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
        assert one.input_value() != before, one.get_attribute("id")
    assert page.faults == []


LARGE = "dialog.figure-large[open]"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_a_figure_opens_large_by_keyboard_and_closes(browser, address, view, scheme):
    page = opened(browser, address, "notebooks/power/7-practical-curve.html", view, scheme)
    link = page.locator("figure a.image-reference:visible").first
    assert link.get_attribute("href").endswith("-dark.svg") == (scheme == "dark")
    before = link.locator("img").bounding_box()["width"]
    link.focus()
    page.keyboard.press("Enter")
    picture = page.locator(f"{LARGE} img")
    picture.wait_for()
    page.wait_for_function(f"document.querySelector('{LARGE} img').naturalWidth")
    assert picture.get_attribute("src").endswith(link.get_attribute("href").split("/")[-1])
    assert picture.get_attribute("alt") == link.locator("img").get_attribute("alt")
    assert picture.bounding_box()["width"] > 1.2 * before
    assert page.url.endswith("7-practical-curve.html")
    assert serious_faults(page, tokens=True) == []
    page.keyboard.press("Escape")
    page.locator(LARGE).wait_for(state="hidden")
    assert link.evaluate("link => link === document.activeElement")
    assert page.faults == []


def test_a_figure_opened_as_another_is_closed_is_shown(browser, address):
    """The browser tells of the first one's end only after the second one was opened."""
    page = opened(browser, address, "notebooks/power/7-practical-curve.html")
    page.evaluate("""() => {
      const [first, second] = document.querySelectorAll("figure a.image-reference:has(img.only-light)");
      first.click();
      document.querySelector("dialog[open]").close();
      second.click();
    }""")
    page.evaluate("() => new Promise(done => setTimeout(done, 100))")
    assert page.locator(f"{LARGE} img").get_attribute("src")
    page.wait_for_function(f"document.querySelector('{LARGE} img').naturalWidth")


def test_a_figure_opens_from_a_file_and_closes_when_pressed_beside_it(browser):
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto((SITE / "notebooks/power/7-practical-curve.html").as_uri())
    page.locator("figure a.image-reference:visible").first.click()
    page.locator(f"{LARGE} img").wait_for()
    page.mouse.click(3, 450)
    page.locator(LARGE).wait_for(state="hidden")
    page.locator("figure a.image-reference:visible").first.click()
    page.locator(f"{LARGE} button").click()
    page.locator(LARGE).wait_for(state="hidden")
    page.locator("figure a.image-reference:visible").first.click(modifiers=["Control"])  # a new tab, as of any link
    assert page.locator(LARGE).count() == 0


def test_without_javascript_a_figure_is_a_link_to_its_picture(browser, address):
    page = opened(browser, address, "notebooks/power/7-practical-curve.html", java_script_enabled=False)
    link = page.locator("figure a.image-reference:visible").first
    assert (SITE / "notebooks/power" / link.get_attribute("href")).resolve().is_file()


STILL = """() => [...document.querySelectorAll("[tabindex='0']")].filter(node =>
  !node.matches("a, button, input, select, textarea, summary, mjx-container, [role=slider], [role=button]") &&
  node.getClientRects().length && node.scrollWidth <= node.clientWidth && node.scrollHeight <= node.clientHeight
).map(node => node.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("path", ["book/how-fast.html", "book/execution.html", "book/audit.html", *CHAPTERS[:2]])
def test_the_tab_key_stops_only_where_something_scrolls(browser, address, path):
    page = opened(browser, address, path)
    page.wait_for_timeout(700)  # the theme's script waits before it looks
    assert page.evaluate(STILL) == []


def test_every_script_of_ours_is_loaded():
    page = (SITE / "book/start.html").read_text("utf8")
    ours = [path.name for path in (SITE.parents[1] / "book/static").glob("*.js")]
    assert ours
    assert [name for name in ours if f"_static/{name}?" not in page] == []


UNREACHED = """() => [...document.querySelectorAll(".bd-article :is(table, .pst-scrollable-table-container)")].filter(
  node => node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).overflowX === "auto" && node.tabIndex !== 0
).map(node => node.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("path", ["notebooks/power/8-operating-point.html", "book/tools.html"])
def test_tables_that_scroll_take_the_focus_on_a_phone_and_those_that_fit_do_not(browser, address, path):
    page = opened(browser, address, path, "phone")
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    page.wait_for_timeout(700)  # the theme's script waits before it looks
    assert page.evaluate(UNREACHED) == []
    assert page.evaluate(STILL) == []
    page.set_viewport_size({"width": 1400, "height": 900})
    page.wait_for_timeout(700)
    assert page.evaluate(STILL) == []


def test_no_tooltip_label_or_description_holds_tex():
    told = re.compile(r'\b(title|alt|aria-label|data-tip|content)="([^"]*)"')
    for path in PAGES:
        for kind, words in told.findall((SITE / path).read_text("utf8")):
            assert not re.search(r"\\[a-zA-Z]+|\$[^$]+\$", words), (path, kind, words[:200])


def test_pages_without_formulas_load_no_mathjax_and_none_an_icon_library(browser, address):
    for path in ("book/start.html", "book/findings.html", "book/gallery.html"):
        text = (SITE / path).read_text("utf8")
        assert "fontawesome" not in text
        assert ("mathjax/" in text) == ('class="math' in text)


PRINTED_ELSEWHERE = """() => {
  const printed = "article.bd-article, #jb-print-docs-body";  // the second repeats title and headings of the first
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let text; (text = texts.nextNode()); ) {
    const element = text.parentElement;
    const kept = element.closest(printed) && !element.closest(".cite-figure");
    if (text.data.trim() && !kept && element.checkVisibility() && element.getClientRects().length)
      found.push(text.data.trim());
  }
  return found;
}"""


def test_of_a_page_its_article_is_printed_without_citations(browser, address):
    """What else stands on a page, the commit in its foot above all, may change without printing the page again."""
    for path in ("book/start", "notebooks/power/7-practical-curve"):
        page = opened(browser, address, f"{path}.html")
        assert any("Made from commit" in text or "sources outside" in text for text in page.evaluate(PRINTED_ELSEWHERE))
        page.emulate_media(media="print")
        assert page.evaluate(PRINTED_ELSEWHERE) == []


def test_ledger_filters_and_counts(browser, address):
    rows = json.loads((SITE / "ledger.json").read_text("utf8"))["claims"]
    page = opened(browser, address, "book/ledger.html")
    visible = "document.querySelectorAll('.ledger-row:not([hidden])').length"
    assert page.evaluate(visible) == len(rows) == 117
    page.select_option("select[name=part]", "B")
    page.select_option("select[name=verdict]", "pending")
    assert page.evaluate(visible) == sum(r["id"][0] == "B" and r["verdict"] == "pending" for r in rows)
    page.select_option("select[name=verdict]", "")
    page.fill("input[name=text]", "B7.1c")
    assert page.evaluate(visible) == 1
    assert page.inner_text(".ledger-controls output") == "1 of 117 claims"


def test_ledger_by_keyboard(browser, address):
    page = opened(browser, address, "book/ledger.html")
    page.focus("#A1\\.1a > summary")
    page.keyboard.press("Enter")
    assert page.evaluate("document.getElementById('A1.1a').open")


def test_a_link_to_a_claim_opens_its_row(browser, address):
    page = opened(browser, address, "book/ledger.html#C3.1a")
    assert page.evaluate("document.getElementById('C3.1a').open")


def test_the_ledgers_filter_stands_in_its_address(browser, address):
    page = opened(browser, address, "book/ledger.html?verdict=holds&part=A")
    rows = json.loads((SITE / "ledger.json").read_text("utf8"))["claims"]
    visible = "document.querySelectorAll('.ledger-row:not([hidden])').length"
    assert page.evaluate(visible) == sum(r["id"][0] == "A" and r["verdict"] == "holds" for r in rows)
    page.select_option("select[name=part]", "B")
    assert page.evaluate("location.search") == "?part=B&verdict=holds"


def test_ledger_without_javascript(browser, address):
    page = opened(browser, address, "book/ledger.html", java_script_enabled=False)
    assert page.locator(".ledger-row").count() == 117
    assert not page.locator(".ledger-controls").is_visible()
    page.locator("#B7\\.1c > summary").click()
    link = page.locator("#B7\\.1c .ledger-elsewhere a")
    assert link.is_visible()
    link.click()
    page.locator("#claim-B7\\.1c > .strip").first.wait_for()  # the link has opened the card
    assert page.locator("#claim-B7\\.1c table").first.is_visible()
    card = page.locator("summary.claim-line", has_text="B7.1c")
    assert 0 < card.bounding_box()["y"] < 600  # and stands in view
    card.click()
    assert not page.locator("#claim-B7\\.1c > .strip").first.is_visible()


def test_every_claim_has_a_tile_that_says_its_verdict(browser, address):
    page = opened(browser, address, "book/start.html")
    rows = json.loads((SITE / "ledger.json").read_text("utf8"))["claims"]
    tiles = page.eval_on_selector_all("a.map-tile", "all => all.map(a => [a.hash.slice(7), a.ariaLabel, a.className])")
    assert sorted(tile[0] for tile in tiles) == sorted(row["id"] for row in rows)
    said = {name: (label, style) for name, label, style in tiles}
    for row in rows:
        assert said[row["id"]][0] == without_tex(f"{row['id']} {row['headline']}")
        assert f"verdict-{row['verdict']}" in said[row["id"]][1]
    first = page.locator("a.map-tile").first
    first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    assert first.locator(".map-tip").is_visible()


def test_every_figure_has_its_files_and_every_chapter_its_notebook():
    figures = json.loads((SITE / "figures.json").read_text("utf8"))
    assert figures
    assert any(figure["runs"] for figure in figures)
    for figure in figures:
        for end in (".svg", ".pdf", ".png", ".csv", ".json", *(["-runs.csv"] if figure["runs"] else [])):
            assert (SITE / f"figures/{figure['name']}{end}").stat().st_size > 0
        notebook = json.loads((SITE / f"notebooks/{figure['chapter']}.ipynb").read_text("utf8"))
        counts = [cell.get("execution_count") for cell in notebook["cells"] if cell["cell_type"] == "code"]
        assert all(counts[1:-1])  # the first says what to install, the last states the finding
