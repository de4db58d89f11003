"""Terms are explained where a chapter first uses them in prose, and nowhere else."""

import re
import types

import pytest
import yaml
from docutils import nodes

from trainphys.book.site import glossary

WORDS = {
    "batch size": "Samples an update.",
    "critical batch size": 'Where "both" cost the same.',
    "loss": "What falls.",
}
LINK = re.compile(r'<a class="term" href="../../book/glossary.html#([\w-]+)" data-tip="(.*?)">(.*?)</a>')


@pytest.fixture
def root(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book/glossary.yml").write_text(yaml.safe_dump(WORDS))
    return tmp_path


def explained(root, *children, page="notebooks/power/1-toy"):
    document = nodes.section("", *children)
    glossary.explain(types.SimpleNamespace(env=types.SimpleNamespace(docname=page), srcdir=str(root)), document)
    return document


def said(document):
    """The words that are linked, in order."""
    return [LINK.fullmatch(node.astext())[3] for node in document.findall(nodes.raw)]


def test_the_first_occurrence_is_explained_and_no_other(root):
    found = explained(root, nodes.paragraph("", "A loss, and the loss."), nodes.paragraph("", "Losses, a loss."))
    assert said(found) == ["loss"]
    assert [type(node) for node in found[0]] == [nodes.Text, nodes.raw, nodes.Text]
    assert LINK.sub(r"\3", found.astext()) == "A loss, and the loss.\n\nLosses, a loss."
    assert LINK.findall(found[0].astext()) == [("term-loss", "What falls.", "loss")]


def test_the_longest_term_wins_plurals_and_capitals_count_and_parts_of_words_do_not(root):
    text = "Lossless. Critical batch sizes differ; a batch size is chosen."
    found = explained(root, nodes.paragraph("", text))
    assert said(found) == ["Critical batch sizes", "batch size"]
    assert LINK.findall(found.astext())[0][:2] == (
        "term-critical-batch-size",
        "Where &quot;both&quot; cost the same.",
    )


def test_titles_links_code_formulas_and_captions_stay_as_they_are(root):
    others = [
        kind("", "", nodes.Text("loss"))
        for kind in (nodes.reference, nodes.literal, nodes.strong, nodes.math, nodes.raw)
    ]
    nested = nodes.reference("", "", nodes.emphasis("", "loss"))
    kept = [
        nodes.title("", "The loss"),
        nodes.literal_block("", "loss = 1"),
        nodes.figure("", nodes.caption("", "The loss.")),
        nodes.paragraph("", "The loss.", classes=["claim-words"]),
        *(nodes.paragraph("", "", own) for own in (*others, nested)),
    ]
    before = [str(node) for node in kept]
    found = explained(root, *kept, nodes.paragraph("", "", nodes.emphasis("", "the loss")))
    assert [str(node) for node in found[:-1]] == before
    assert said(found[-1]) == ["loss"]


def test_pages_that_are_no_chapters_are_left_alone(root):
    assert said(explained(root, nodes.paragraph("", "A loss."), page="book/start")) == []


def test_the_list_is_in_alphabetical_order_with_an_anchor_each(root):
    assert list(glossary.terms(root)) == ["critical batch size", "batch size", "loss"]
    text = glossary.listed(root)
    anchors = ["term-batch-size", "term-critical-batch-size", "term-loss"]
    assert re.findall(r'<dt id="(.*?)">', text) == anchors == [glossary.anchor(term) for term in sorted(WORDS)]
    assert "<dd>Where &quot;both&quot; cost the same.</dd>" in text
