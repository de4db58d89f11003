"""Chapters, their sections and their figures carry the number of the document's section."""

import re
import types
from pathlib import Path

import pytest
from docutils import nodes

from tests.book.by_hand import NAME, write_book
from trainphys.book.site import numbering

PAGE = f"notebooks/{NAME}"
ROOT = Path(__file__).resolve().parents[2]
LABEL = re.compile(r"\$\$ *\((eq-[\w-]+)\)")


def reference(secnumber):
    return nodes.reference("", "", secnumber=secnumber) if secnumber else nodes.reference("", "")


def test_a_chapters_own_number_stands_in_place_of_its_place(tmp_path):
    write_book(tmp_path)
    title, bare = nodes.title("", "Toy", secnumber=(7,)), reference(None)
    links = [reference((7,)), reference((7, 2)), bare]
    env = types.SimpleNamespace(
        toc_secnumbers={PAGE: {"": (7,), "#claimed": (7, 1), "#none": None}, "book/start": {"": (1,)}},
        toc_fignumbers={PAGE: {"figure": {"a": (7, 3)}, "table": {"b": (7, 1)}}, "book/start": {"figure": {"c": (1,)}}},
        tocs={PAGE: nodes.bullet_list("", *(nodes.list_item("", link) for link in links))},
        titles={PAGE: title},
    )
    for _ in range(2):  # a second time changes nothing
        assert numbering.renumber(types.SimpleNamespace(srcdir=str(tmp_path)), env) == []
        assert env.toc_secnumbers == {
            PAGE: {"": ("A1",), "#claimed": ("A1", 1), "#none": ()},
            "book/start": {"": (1,)},
        }
        assert env.toc_fignumbers == {
            PAGE: {"figure": {"a": ("A1", 3)}, "table": {"b": ("A1", 1)}},
            "book/start": {"figure": {"c": (1,)}},
        }
        assert [link.get("secnumber") for link in links] == [("A1",), ("A1", 2), None]
        assert title["secnumber"] == ("A1",)


def test_a_chapter_that_sphinx_has_not_read_is_left_alone(tmp_path):
    write_book(tmp_path)
    env = types.SimpleNamespace(toc_secnumbers={}, toc_fignumbers={}, tocs={}, titles={})
    assert numbering.renumber(types.SimpleNamespace(srcdir=str(tmp_path)), env) == []
    assert env.toc_secnumbers == env.toc_fignumbers == {}


def test_an_equation_has_a_number_only_if_something_refers_to_it():
    texts = [path.read_text("utf8") for path in (*ROOT.glob("notebooks/*/*.md"), *ROOT.glob("book/*.md"))]
    labels = {label for text in texts for label in LABEL.findall(text)}
    # braces are double in captions with numbers, which are f-strings
    referred = {label for text in texts for label in re.findall(r"\{eq\}+`([^`]+)`", text)}
    assert labels == referred
    assert labels


@pytest.mark.parametrize("path", sorted(ROOT.glob("notebooks/*/*.md")), ids=lambda path: path.stem)
def test_numbers_of_equations_do_not_jump_over_a_fold(path):
    """A number that only a reader who opens a fold meets comes after all that everybody meets."""
    text = path.read_text("utf8")
    folded = []
    for match in LABEL.finditer(text):
        before = text[: match.start()]
        folded.append(before.count("<details") > before.count("</details>"))
    assert folded == sorted(folded)
