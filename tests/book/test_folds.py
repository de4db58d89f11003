"""Which code of a chapter's page stays where it is, and which is gathered in the fold of its room."""

import types

from docutils import nodes
from docutils.utils import new_document

from trainphys.book.site.chapters import fold_code


def cell(source, output="", hide_mode=""):
    code = nodes.container("", nodes.literal_block(source, source), nb_element="cell_code_source")
    made = nodes.container("", code, nb_element="cell_code", hide_mode=hide_mode)
    if output:
        made += nodes.container("", nodes.paragraph("", output), nb_element="cell_code_output")
    return made


def folded(docname, **rooms):
    page = nodes.section("", nodes.title("", "Page"))
    for title, cells in rooms.items():
        page += nodes.section("", nodes.title("", title), *cells)
    document = new_document("page")
    document += page
    fold_code(types.SimpleNamespace(env=types.SimpleNamespace(docname=docname)), document)
    return {
        room[0].astext(): [(child.get("hide_mode"), child.astext().split("\n\n")) for child in room.children[1:]]
        for room in page.children[1:]
    }


def test_code_that_derives_stays_and_what_draws_or_judges_is_one_fold_at_the_end_of_its_room():
    rooms = {
        "Derived": [cell("x = 1"), cell("plot(x)", "picture", "input"), cell("claim.compare(x)"), cell("y = 2", "2")],
        "Seen": [cell("run()"), cell("draw()", "picture")],
        "Verdicts": [cell("claim.verdict()", "card"), cell("other.verdict()")],
    }
    assert folded("notebooks/power/1-x", **rooms) == {
        "Derived": [
            ("", ["x = 1"]),
            ("", ["picture"]),
            ("", ["y = 2", "2"]),
            ("input", ["plot(x)", "claim.compare(x)"]),
        ],
        "Seen": [("", ["picture"]), ("input", ["run()", "draw()"])],
        "Verdicts": [("", ["card"])],
    }


def test_a_page_that_is_no_chapter_keeps_its_code():
    assert folded("book/start", Seen=[cell("draw()", "picture")]) == {"Seen": [("", ["draw()", "picture"])]}
