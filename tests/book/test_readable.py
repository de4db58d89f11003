"""The notebook that people download: nothing in it needs this book's site, and its numbers are those of the run."""

import pytest
from nbformat import validate

from tests.book.by_hand import GOOD, NAME, PAGE, a_run, figure, judged, project_file, record, shown
from trainphys.book import numbers
from trainphys.book.readable import WIDTH, References, readable, roles_left

TEXT = r"""**Found:** it falls to {glue:text}`low:.1f` ({eq}`eq-x`).

$$ x = 1 $$ (eq-x)

See {numref}`power-1-toy`, {cite:p}`hand2020toys,one2021alone`, {cite:t}`three2022many` and [A2](2-other.md#seen).

<details class="aside"><summary>Aside</summary>

Text.

</details>

```{explorer} toy
A toy (dots).
```
"""
BIB = """
@article{hand2020toys, author = {Hand, Ann and van Leer, Bo}, title = {Toys}, journal = {J}, year = {2020}}
@book{one2021alone, author = {One, Al}, title = {Alone}, publisher = {P}, year = {2021}}
@article{three2022many, author = {A, A and B, B and C, C}, title = {Many}, journal = {J}, year = {2022}}
"""


@pytest.fixture
def made(tmp_path):
    page = PAGE.replace("Prose.", TEXT).replace("  timeout: 60\n", "  timeout: 60\n  lead: power-1-toy\n")
    bundles = (*judged(record(*GOOD)), figure("power-1-more"), figure(), shown("always", "each one"))
    run = a_run(tmp_path, *bundles, page=page)
    (tmp_path / "book/references.bib").write_text(BIB)
    return run, tmp_path


def test_roles_are_words_and_numbers(made):
    run, root = made
    notebook = readable(run, References.of([run], root), "abc")
    validate(notebook)
    assert roles_left(notebook) == []
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for words in (
        "**Found:** it falls to 1.2 (Eq. (A1.1)).",
        r"$$ x = 1 \tag{A1.1}$$",
        "See Fig. A1.1, (Hand and van Leer, 2020; One, 2021), A et al. (2022) and A2.",
        "**Aside.**",
        "*On the page there is an explorer to drag:* A toy (dots).",
    ):
        assert words in prose
    assert "details" not in prose
    assert [line.split()[1] for line in notebook.cells[-1].source.splitlines() if line.startswith("- ")] == [
        "A",
        "Ann",
        "Al",
    ]


def test_a_link_is_absolute_when_the_site_has_an_address(made):
    run, root = made
    project_file(root, site_url="https://example.org/book/")
    notebook = readable(run, References.of([run], root))
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert "[A2](https://example.org/book/notebooks/power/2-other.html#seen)" in prose


def test_a_picture_has_a_width_and_its_caption_and_a_card_is_text(made):
    run, root = made
    notebook = readable(run, References.of([run], root))
    outputs = [output for cell in notebook.cells[:-2] for output in cell.get("outputs", []) if "data" in output]
    kinds = [sorted(output.data) for output in outputs]
    picture, caption = ["image/png", "text/plain"], ["text/markdown"]
    assert kinds == [["text/markdown"], picture, caption, picture, caption]
    assert outputs[1].metadata["image/png"]["width"] == WIDTH
    captions = [outputs[n].data["text/markdown"] for n in (2, 4)]
    assert captions == ["**Fig. A1.2.** Toy.", "**Fig. A1.1.** Toy."]  # the page shows its lead first


def test_it_says_what_to_install_and_what_it_was_made_with(made):
    run, root = made
    notebook = readable(run, References.of([run], root), "0123456789abcdef")
    first, *_ = notebook.cells
    assert first.source.splitlines() == [
        "# Toys: chapter A1, version 1.0, commit 0123456789ab, seed 0.",
        "# To run this notebook anywhere, take the # off the next line once.",
        '# %pip install "trainphys[book]"',
    ]
    own = notebook.metadata["trainphys"]
    assert (own["version"], own["commit"], own["seed"]) == ("1.0", "0123456789abcdef", 0)
    assert own["environment"]["numpy"]
    assert str(root) not in str(notebook)


def test_its_last_cell_states_the_finding_with_the_numbers_of_the_run_at_hand(made, monkeypatch):
    run, root = made
    notebook = readable(run, References.of([run], root))
    last = notebook.cells[-2]
    assert last.outputs[0].data["text/markdown"] == "**Found:** it falls to 1.2 (Eq. (A1.1))."
    said = []
    monkeypatch.setattr(numbers, "display", lambda shown: said.append(shown.data))
    numbers.glue(low=7.25)
    exec(last.source, {})
    assert said == ["**Found:** it falls to 7.2 (Eq. (A1.1))."]


def test_what_is_left_of_the_sites_language_is_found(made):
    run, root = made
    notebook = readable(run, References.of([run], root))
    notebook.cells[1].source += " {numref}`x` [[low]]"
    assert roles_left(notebook) == ["{numref}`x`", "[[low"]
    assert NAME in run.chapter.name
