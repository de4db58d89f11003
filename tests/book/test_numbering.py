"""Chapters, their sections and their figures carry the number of the document's section."""

import types

from docutils import nodes

from tests.book.by_hand import NAME, write_book
from trainphys.book.site import numbering

PAGE = f"notebooks/{NAME}"


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
