"""A finding on the start page: its sentence and number come from the run, its picture leads to the chapter."""

import types

import pytest
from docutils import nodes

from tests.book.by_hand import NAME, a_run
from trainphys.book import publish
from trainphys.book.site import start


def page(root, chapter=NAME, **options):
    own = {"figure": "power-1-toy", "number": "< [[low:.1f]] ×", **options}
    content = ["**It falls** to", "[[low:.2f]]."]
    parse = lambda text: [nodes.paragraph("", text)]  # noqa: E731
    return types.SimpleNamespace(root=root, arguments=[chapter], options=own, content=content, parse=parse)


@pytest.fixture
def root(tmp_path):
    publish.publish([a_run(tmp_path)], tmp_path)
    return tmp_path


def test_a_finding_has_picture_number_sentence_and_chapter(root):
    opening, text, more = (node.astext() for node in start.finding(page(root)))
    link = f'<a class="finding-figure" href="../notebooks/{NAME}.html#power-1-toy">'
    assert f'{link}<img loading="lazy" alt="It falls &amp; falls." src="../figures/power-1-toy.svg"></a>' in opening
    assert opening.endswith('<p class="finding-number">&lt; 1.2 ×</p>')
    assert text == "**It falls** to 1.25."
    assert more == f'<p><a href="../notebooks/{NAME}.html">A1 Toy</a></p></div></div>'
    assert opening.count("<div") == more.count("</div>") == 2


def test_what_the_book_has_not_is_refused(root):
    with pytest.raises(ValueError, match=f"expected a chapter such as {NAME}, got 'power/9-none'"):
        start.finding(page(root, "power/9-none"))
    with pytest.raises(ValueError, match="expected a figure of the book, got 'power-1-none'"):
        start.finding(page(root, figure="power-1-none"))
    with pytest.raises(KeyError, match=r"expected glue\(high=...\)"):
        start.finding(page(root, number="[[high]]"))
