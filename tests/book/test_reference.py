"""The reference: every public name with what it is, and names in sentences that lead there."""

import importlib
import inspect
import re
import types

import pytest
from docutils import nodes
from docutils.utils import new_document

from trainphys.book.site import reference

NAMES = [(door, name) for door in reference.DOORS for name in reference.public(door)]
LIMITS = {"Fastest", "LeastEnergy", "MaxSlowdown", "PowerLimit", "TimeLimit"}  # shown by operating_point
WITHOUT = {"Infeasible", "NotConverged", "NotIdentifiable", *LIMITS}  # and errors


@pytest.mark.parametrize(("door", "name"), NAMES)
def test_a_public_name_says_what_it_is_and_shows_an_example(door, name):
    text = getattr(importlib.import_module(door), name).__doc__
    assert text.strip()
    assert name in WITHOUT or ">>> " in text


@pytest.mark.parametrize(("door", "name"), NAMES)
def test_a_docstring_is_read_as_it_was_meant(door, name):
    """A colon in the first line of Returns would end a type; an indented line below Source, begin a definition."""
    text = inspect.getdoc(getattr(importlib.import_module(door), name)) or ""
    returned = re.search(r"^Returns:\n    (.*)", text, re.M)
    assert returned is None or ":" not in re.sub(r"``.*?``|\$.*?\$", "", returned[1])
    source = re.search(r"^Source:.*\n(.*)", text, re.M)
    assert source is None or not source[1].startswith(" ")


def test_every_name_stands_on_the_page_once(tmp_path):
    page = reference.reference(tmp_path)
    entries = [line.split(":: ")[1] for line in page.splitlines() if line.startswith(".. auto")]
    assert sorted(entries) == sorted(f"{door}.{name}" for door, name in NAMES)
    assert ".. autoclass:: trainphys.Estimate" in page
    assert ".. autoexception:: trainphys.NotIdentifiable" in page
    assert ".. autofunction:: trainphys.laws.harmonic_success" in page


def test_formulas_are_roles_and_directives_and_doctests_stay():
    lines = ["With $x>0$ it is", "    $$ x = 1, $$ where $y$ is", "two.", "", ">>> f('a$')", "1"]
    reference.formulas_as_sphinx_writes_them(None, "function", "f", None, None, lines)
    assert lines == [
        "With :math:`x>0` it is",
        "    ",
        "",
        ".. math:: x = 1,",
        "",
        "where :math:`y` is",
        "two.",
        "",
        ">>> f('a$')",
        "1",
    ]


@pytest.mark.parametrize(
    ("word", "anchor"),
    [
        ("harmonic_success(3.0, 10)", "trainphys.laws.harmonic_success"),
        ("trainphys.sharpness", "trainphys.sharpness"),
        ("trainphys.laws.growth_factor", "trainphys.laws.growth_factor"),
        ("nothing", ""),
    ],
)
def test_a_public_name_in_a_sentence_leads_to_its_entry(word, anchor):
    document = new_document("x")
    document += nodes.paragraph("", "", nodes.literal("", word))
    builder = types.SimpleNamespace(get_relative_uri=lambda here, there: f"../{there}.html")
    app = types.SimpleNamespace(env=types.SimpleNamespace(docname="notebooks/power/1-x"), builder=builder)
    reference.link_names(app, document)
    links = [link["refuri"] for link in document.findall(nodes.reference)]
    assert links == ([f"../book/reference.html#{anchor}"] if anchor else [])
    app.env.docname = "book/verdicts"
    assert reference.link_names(app, document) is None
