"""Directives, roles and renderers of the site: what they put on a page, with a parser that only remembers the text."""

import contextlib
import html
import re
import subprocess
import sys
import types
from pathlib import Path
from typing import ClassVar

import pytest
from docutils import nodes
from docutils.utils import new_document

from tests.book.by_hand import GOOD, NAME, a_run, figure, judged, record
from trainphys.book import mime, publish
from trainphys.book.mime import CLAIM_MIME, FIGURE_MIME
from trainphys.book.site import directives, minus, page, pages, render, speed
from trainphys.book.site.chapters import explain_cards

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("TRAINPHYS_ROOT", str(tmp_path))
    run = a_run(tmp_path, *judged(record(*GOOD)), figure(), figure("power-1-more", runs="x\n"))
    publish.publish([run], tmp_path)
    return tmp_path


def run(directive, root):
    """What a directive puts on a page, as text."""
    env = types.SimpleNamespace(srcdir=str(root), docname="book/page")
    settings = types.SimpleNamespace(env=env)

    def nested_parse(lines, offset, container, match_titles):
        assert (offset, match_titles) == (0, True)
        container += nodes.paragraph("", "\n".join(lines))

    own = object.__new__(directive)
    own.state = types.SimpleNamespace(document=types.SimpleNamespace(settings=settings), nested_parse=nested_parse)
    return own.run()


def text_of(found):
    return "\n".join(node.astext() for node in found)


def test_every_name_on_the_pages_is_a_directive_or_role():
    known = {}
    app = types.SimpleNamespace(add_directive=known.setdefault, add_role=known.setdefault)
    directives.setup(app)
    sources = "".join(path.read_text("utf8") for path in (ROOT / "book").glob("*.md"))
    used = set(re.findall(r"^`{3,}\{([\w-]+)\}|\{count\}(?=`)", sources, re.M)) - {"", "bibliography", "include"}
    assert known.keys() == used | {"count", "value"}


def test_a_page_made_from_markdown_is_parsed_as_it_is(root):
    made = page.markdown(lambda folder: f"# Title\n\n{folder.name}")
    assert text_of(run(made, root)) == f"# Title\n\n{root.name}"


def test_the_ledger_opens_to_each_claim(root):
    text = text_of(run(directives.Ledger, root))
    assert text.startswith('<form class="ledger-controls"')
    assert text.count('<details class="ledger-row"') == 2
    assert text.count("<details ") == text.count("</details>") == 3
    cited = text.index("<summary>Cite this claim</summary>")
    assert text.index("</template>") < cited < text.index('id="B2.1a"')  # where the copy button's script finds it
    assert text.index('id="A1.1a"') < text.index("**A1.1a holds.**") < text.index('id="B2.1a"')
    assert text.count("<template>") == text.count("</template>") == 2
    assert text.index("<template>") < text.index("**A1.1a holds.**") < text.index("</template>")
    elsewhere = (
        f'</template><p class="ledger-elsewhere">The evidence is <a href="../notebooks/{NAME}.html#claim-A1.1a">'
    )
    assert text.count("ledger-elsewhere") == text.count(elsewhere) == 1  # no chapter judges the other claim
    assert text.endswith("</div>")


def test_the_gallery_shows_each_figure_with_its_files(root):
    text = text_of(run(directives.Gallery, root))
    assert re.findall(r'<input type="radio" name="gallery" value="(\w+)"( checked)?>', text) == [
        ("all", " checked"),
        *((letter, "") for letter in "ABC"),
    ]
    assert text.endswith("</div>")
    first, second = text.split("</figcaption></figure>")[:2]
    assert '<div class="gallery">\n<figure class="gallery-figure" data-part="A">' in first
    link = f'<a href="../notebooks/{NAME}.html#power-1-toy"><img loading="lazy" '
    assert f'{link}alt="{html.escape("It falls & falls.")}" src="../figures/power-1-toy.svg"></a>' in first
    assert "{numref}`power-1-toy` Toy." in first
    assert 'href="../figures/power-1-toy.csv"' in first
    assert "power-1-toy-runs.csv" not in first
    assert 'href="../figures/power-1-more-runs.csv"' in second


def test_counts_stand_in_sentences(root):
    def count(text):
        role = directives.Count()
        env = types.SimpleNamespace(srcdir=str(root))
        settings = types.SimpleNamespace(env=env)
        role.inliner = types.SimpleNamespace(document=types.SimpleNamespace(settings=settings))
        role.text = text
        return role.run()

    assert [count(word)[0][0].astext() for word in ("holds", "pending", "claims", "judged", "checks")] == list("11212")
    assert count("holds")[1] == []
    with pytest.raises(ValueError, match=r"expected one of holds, .* in a count role, got 'heard'"):
        count("heard")


def test_the_example_is_a_card_that_fails_by_a_factor_of_two(root):
    (card,) = run(directives.CardExample, root)
    assert card["classes"] == ["claim-card", "verdict-fails"]
    assert "| noise of a gradient: batch size 1 | 0.998 | 1 ✓ | 1 ✓ |" in card.astext()
    assert "| noise of a gradient: batch size 4 | 0.503 | 0.25 ✗ | 0.5 ✓ |" in card.astext()
    assert "**Example fails. Noise of a gradient: measured 0.503, claimed 0.25 (batch size 4).**" in card.astext()
    assert 'aria-label="document: 1 of 2 agree"' in card.astext()


@pytest.mark.parametrize(("what", "kind"), [("book", "BOOK"), ("ledger", "DATA")])
def test_what_can_be_cited_has_both_forms(root, what, kind):
    class Cited(directives.Cited):
        arguments: ClassVar = [what]

    (found,) = run(Cited, root)
    assert found.astext().count('<div class="highlight"><pre>') == 2
    assert f"TY  - {kind}" in found.astext()


def test_the_page_on_speed_is_put_together(root, monkeypatch):
    monkeypatch.setattr(speed, "tables", lambda folder: iter(["<one>", "<two>"]))
    monkeypatch.setattr(speed, "growth_files", lambda folder: 'slopes < "3"')
    assert [node.astext() for node in run(directives.SpeedTables, root)] == ["<one>", "<two>"]
    (picture,) = run(directives.SpeedGrowth, root)
    assert 'alt="slopes &lt; &quot;3&quot;" src="../figures/speed-growth.svg"></a>' in picture.astext()
    assert '<a class="reference image-reference" href="../figures/speed-growth.svg">' in picture.astext()
    assert 'href="../figures/speed-growth.csv"' in picture.astext()


class Renderer:
    """MyST's renderer, as far as cards and figures use it."""

    @contextlib.contextmanager
    def current_node_context(self, container):
        self.container = container
        yield

    def nested_render_text(self, text, line):
        assert line == 0
        self.container += nodes.paragraph("", text)


def rendered(kind, name, content, inline=False):
    renderer = types.SimpleNamespace(renderer=Renderer())
    return kind.handle_mime(renderer, types.SimpleNamespace(mime_type=name, content=content), inline)


def test_a_verdict_is_a_line_with_all_comparisons_and_opens_to_the_rest():
    pieces = {
        "line": "**A1.1a**",
        "overview": "<i>",
        "claimed": "It falls.",
        "closing": "*Use*",
        "why": "Why.",
        "strip": "<b>",
        "rows": "| 1 |",
        "folded": "",
        "use": "",
        "stood": "It stood.",
        "cite": "<cite>",
    }
    content = {"id": "A1.1a", "verdict": "holds-if", "comparisons": 9, **pieces}
    (card,) = rendered(mime.ClaimRenderer, CLAIM_MIME, content)
    assert card["classes"] == ["claim-card", "verdict-holds-if"]
    assert [node.astext() for node in card] == [
        '<details class="claim-evidence"><summary class="claim-line">',
        "**A1.1a**",
        "<i>",
        "*Use*",
        '</summary><div id="claim-A1.1a">',  # the target of links lies in the fold, so that a link opens it
        "*Claimed:* It falls.",
        "Why. It stood.",
        "<b>",
        "| 1 |",
        "<cite></div></details>",
    ]
    assert [node["classes"] for node in card if isinstance(node, nodes.paragraph)][:3] == [
        ["claim-words"],
        ["claim-words", "claim-law"],
        [],
    ]
    (more,) = rendered(mime.ClaimRenderer, CLAIM_MIME, {**content, "folded": "| 2 |"})
    assert [node.astext() for node in more][9:] == [
        '<details class="claim-more"><summary>All 9 comparisons</summary>',
        "| 2 |",
        "</details>",
        "<cite></div></details>",
    ]
    (coded,) = rendered(mime.ClaimRenderer, CLAIM_MIME, {**content, "use": "law(1)"})
    assert coded[7].astext() == "The law to use instead, in code:\n\n```python\nlaw(1)\n```"
    (short,) = rendered(mime.ClaimRenderer, CLAIM_MIME, {**content, "closing": "*Use instead:* $x=1$ for all."})
    assert [node["classes"] for node in short if "claim-law" in node["classes"]] == [
        ["claim-words", "claim-law", "claim-law-brief"]
    ]
    assert rendered(mime.ClaimRenderer, CLAIM_MIME, content, inline=True) is None
    assert rendered(mime.ClaimRenderer, FIGURE_MIME, content) is None


@pytest.mark.parametrize(
    ("law", "fits"),
    [
        (r"$\eta_\mathrm{power}=[1+(B/B_\mathrm{crit})^p]^{-1/p}$ with the critical batch", True),
        (r"$t=\eta_\mathrm{power}+\eta_\mathrm{power}+\eta_\mathrm{power}+\eta_\mathrm{power}+1$.", False),
        (r"$n$ numbers of mean $m$", False),
        ("Use $L_2$. For full batch it is the time.", True),
        ("At 0.5 of the way and all that follows it, take 1. Then stop.", False),
        ("Measure and wait", False),
        ("", False),
    ],
)
def test_a_law_is_brief_if_what_opens_it_fits_a_line_of_a_phone(law, fits):
    assert render.brief(f"*Use instead:* {law}") is fits


def test_a_figure_has_number_words_and_files(root):
    (record,) = [own for own in pages.read(root, "figures.json") if own["name"] == "power-1-toy"]
    content = {**figure()[FIGURE_MIME], "published": record}
    picture, files = rendered(mime.FigureRenderer, FIGURE_MIME, content)
    assert picture.astext().splitlines() == [
        "````{figure} /_build/next/published/figures/power-1-toy.svg",
        ":name: power-1-toy",
        ":alt: It falls & falls.",
        ":target: ../../figures/power-1-toy.svg",
        "",
        "Toy.",
        "````",
    ]
    assert '<a href="../../figures/power-1-toy.pdf" download>PDF</a>' in files.astext()
    assert rendered(mime.FigureRenderer, FIGURE_MIME, content, inline=True) is None
    assert rendered(mime.FigureRenderer, CLAIM_MIME, content) is None
    for kind, name in ((mime.FigureRenderer, FIGURE_MIME), (mime.ClaimRenderer, CLAIM_MIME)):
        assert kind.mime_priority_overrides == [("*", name, 1)]


def test_a_dark_page_gets_a_twin_of_the_picture_beside_it():
    image = nodes.image(uri="x.svg", alt="It <falls>.")
    picture = nodes.figure("", nodes.reference("", "", image, refuri="x.svg"), nodes.caption("", "Toy."))
    render.add_dark(picture, "x-dark.svg", [48, 97])
    assert image["classes"] == ["only-light"]
    assert [type(node) for node in picture] == [nodes.reference, nodes.raw, nodes.caption]
    twin = '<img class="only-dark" width="48" height="97" loading="lazy" alt="It &lt;falls&gt;." src="x-dark.svg">'
    assert picture[1].astext() == f'<a class="reference image-reference" href="x-dark.svg">{twin}</a>'
    record = {"name": "x", "alt": "It falls.", "dark": True}
    both = render.large(record, "f").split("<a ")[1:]
    assert [link.split('"')[3] for link in both] == ["f/x.svg", "f/x-dark.svg"]
    assert ['class="only-light"' in both[0], 'class="only-dark"' in both[1]] == [True, True]
    assert render.large({**record, "dark": False}, "f").count("<a ") == 1
    assert [part.split('"')[1] for part in render.pictures(record, "f").split("<img ")[1:]] == [
        "only-light",
        "only-dark",
    ]
    assert render.pictures({**record, "dark": False}, "f") == '<img loading="lazy" alt="It falls." src="f/x.svg">'
    sized = {**record, "size": [48, 97]}
    assert render.pictures(sized, "f").count('width="48" height="97"') == 2  # the page keeps room for what loads late
    assert render.large(sized, "f").count('width="48" height="97"') == 2
    part = render.pictures(sized, "f", "0 10 200 100")
    assert "height=" not in part
    assert part.count('style="aspect-ratio: 200 / 100"') == 2
    assert 'src="f/x-dark.svg#svgView(viewBox(0,10,200,100))"' in part


def test_negative_numbers_of_a_page_have_a_minus_sign_and_code_and_formulas_keep_their_hyphen():
    def texts(docname):
        document = new_document("x")
        bits = [nodes.Text("It falls to "), nodes.inline("", "-88"), nodes.Text(" or -0.5, "), nodes.literal("", "-1")]
        document += nodes.paragraph("", "", *bits, nodes.math("", "x^{-2} -3"), nodes.raw("", "-4", format="html"))
        document += nodes.literal_block("", "-5")
        minus.sign(types.SimpleNamespace(env=types.SimpleNamespace(docname=docname)), document)
        return [text.astext() for text in document.findall(nodes.Text)]

    kept = ["-1", "x^{-2} -3", "-4", "-5"]
    assert texts("notebooks/power/1-toy") == ["It falls to ", "−88", " or −0.5, ", *kept]
    assert texts("book/reference") == ["It falls to ", "-88", " or -0.5, ", *kept]


def test_a_chapters_first_card_is_preceded_by_how_to_read_it():
    cards = [nodes.container(classes=["claim-card"]) for _ in range(2)]
    cells = [nodes.container("", nodes.container("", card)) for card in cards]
    document = new_document("x")
    document += nodes.section("", nodes.title("", "Page"), nodes.section("", nodes.title("", "Verdicts"), *cells))
    app = types.SimpleNamespace(env=types.SimpleNamespace(docname="book/start"))
    explain_cards(app, document)
    assert not list(document.findall(nodes.raw))
    app.env.docname = "notebooks/power/1-x"
    explain_cards(app, document)
    assert [type(node) for node in cells[0].parent] == [nodes.title, nodes.raw, nodes.container, nodes.container]
    assert "How to read a verdict" in cells[0].parent[1].astext()


def test_what_other_projects_load_is_light():
    program = (
        "import sys, trainphys.book.mime; print(*{'numpy', 'matplotlib', 'yaml', 'docutils'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
