"""Sentences that a reader takes home: what may not be typed in them, wherever they stand."""

import pytest

from tests.book.by_hand import NAME, PAGE, entry, write_book
from tests.conftest import CHAPTER
from trainphys.book import sentences
from trainphys.book.chapters import Chapter
from trainphys.book.lint import number_words
from trainphys.book.numbers import shown


@pytest.mark.parametrize(
    ("path", "old", "new", "where"),
    [
        ("notebook", "The toy law holds.", "The toy law always holds.", "finding"),
        ("notebook", "The toy law holds.", "The toy law holds to two per cent.", "finding"),
        ("notebook", "**Found:** the mean is", "**Found:** in all draws the mean is", "Found"),
        ("notebook", "Draws of $x$.", "Draws of $x$, the best of many.", "caption"),
        ("notebook", "The draws scatter evenly around one", "Every draw is near one", "alt"),
        ("notebook", 'caption="Draws of $x$."', 'caption=f"Draws of {x[0]:.0f}, never of more."', "caption"),
        ("claims", "The mean is what it is.", "The mean is 1.0 throughout.", "reason"),
        ("claims", "The mean is $1$.", "The mean is guaranteed to be $1$.", "corrected"),
    ],
)
def test_a_typed_generalisation_or_number_is_found_in_every_place(toy, path, old, new, where):
    chapter = Chapter(toy.root, CHAPTER)
    assert sentences.problems([chapter], toy.root) == []
    toy.edit(f"notebooks/{CHAPTER}.md" if path == "notebook" else "book/claims/A.yml", old, new)
    sentences.project.claims.cache_clear()
    (problem,) = sentences.problems([Chapter(toy.root, CHAPTER)], toy.root)
    assert where in problem


def test_what_the_run_supplies_is_not_typed(toy):
    toy.edit(f"notebooks/{CHAPTER}.md", "The toy law holds.", "The toy law [[always]] holds, to [[error:.0%]].")
    toy.edit(f"notebooks/{CHAPTER}.md", "**Found:** the mean", "**Found:** {glue:text}`always` the mean")
    toy.edit(f"notebooks/{CHAPTER}.md", 'caption="Draws of $x$."', 'caption=f"Draws, {always} of {draws}."')
    assert sentences.problems([Chapter(toy.root, CHAPTER)], toy.root) == []


def test_numbers_in_words():
    assert number_words(
        "It loses ninety-seven per cent and two thirds of the rest, a tenth at first, three per cent later."
    )
    assert number_words("Two wells, one of them deep, and the third claim; half of it.") == []


def test_a_phrase_that_the_run_does_not_show_is_refused():
    assert shown("in every case", 2 > 1, "two is more than one") == "in every case"
    with pytest.raises(ValueError, match="expected the run to show 'never falls'"):
        shown("never falls", False, "the smallest step is negative")


def problems(tmp_path, *claims, page=PAGE):
    return sentences.problems([write_book(tmp_path, *claims, page=page)], tmp_path)


GENERAL = (
    "best worst never always all none only every everywhere nowhere nothing whatever guarantee guarantees guaranteed"
)


@pytest.mark.parametrize("word", GENERAL.split())
def test_each_word_that_generalises_is_refused_and_named(tmp_path, word):
    (found,) = problems(tmp_path, page=PAGE.replace("It falls to", f"It {word.upper()} falls to"))
    assert found.startswith(
        f"{NAME}, finding: expected {word} tied to a check by shown(phrase, holds, check), got: It "
    )


def test_words_in_code_formulas_and_names_are_none(tmp_path):
    clean = "In `all` of $never$, {cite}`every` and section 3, allowed and nonetheless, of L2, it falls to"
    assert problems(tmp_path, page=PAGE.replace("It falls to", clean)) == []


def test_a_sentence_with_both_faults_is_refused_twice(tmp_path):
    found = problems(tmp_path, page=PAGE.replace("It falls to", "It always and never falls by 3, to"))
    assert len(found) == 2
    assert "expected always, never tied" in found[0]
    assert found[1].startswith(f"{NAME}, finding: expected numbers from the run, got typed ones: It always")


FOUND = """Prose.

**Found:** the law
always holds.

It never does, by 3 per cent. Not **Found:** always.

**Found:** nothing more.

"""


def test_a_found_box_ends_with_its_paragraph(tmp_path):
    found = problems(tmp_path, page=PAGE.replace("Prose.\n", FOUND))
    assert [line.split(" tied")[0] for line in found] == [
        f"{NAME}, Found: expected always",
        f"{NAME}, Found: expected nothing",
    ]


def test_texts_of_the_claims_that_a_chapter_judges_are_looked_at(tmp_path):
    texts = {"reason": "It is   always so.", "corrected": "It is 3.", "missing": "ninety per cent"}
    other = entry("B1.1a", reason="Never.")
    assert problems(tmp_path, entry("A1.1a", **texts), other) == [
        "claim A1.1a, reason: expected always tied to a check by shown(phrase, holds, check), got: It is always so.",
        "claim A1.1a, corrected: expected numbers from the run, got typed ones: It is 3.",
        "claim A1.1a, missing: expected numbers from the run, got typed ones: ninety per cent",
    ]
    assert problems(tmp_path, other) == []


CALLS = {
    'figure("n", alt="always")': [("n, alt", "always")],
    'x = "never"\nfigure("n", caption=x, title="best")': [("n, caption", "never")],
    'figure("n", caption="all " + "of " + x)': [("n, caption", "all of  … ")],
    'figure("n", caption=f"all {x:.1f} of")': [("n, caption", "all  …  of")],
    'figure("n", caption="all" if x else "none")': [("n, caption", "all none")],
    'figure("n", caption="all " * 3)': [("n, caption", " … ")],
    "figure(caption=x)": [("figure, caption", " … ")],
    'figure(f"n{x}", caption="c", alt="a")': [("n … , caption", "c"), ("n … , alt", "a")],
    '%matplotlib inline\n!ls\na.b = 1\nfigure("n", caption=3)': [("n, caption", "3")],
    'plt.figure(caption="all"); other(alt="all")': [],
    'fig.caption = "all"': [],
    "not python but no call either (": [],
}


@pytest.mark.parametrize("source", CALLS)
def test_what_is_typed_in_the_words_of_a_figure(source):
    assert list(sentences._described(source)) == CALLS[source]


def test_words_of_the_figures_of_a_chapter_are_looked_at(tmp_path):
    cell = '\n```{code-cell} ipython3\nfigure("n", caption="It always falls.", alt=f"By 3 of {x}.")\n```\n'
    assert problems(tmp_path, page=PAGE + cell) == [
        f"{NAME}, n, caption: expected always tied to a check by shown(phrase, holds, check), got: It always falls.",
        f"{NAME}, n, alt: expected numbers from the run, got typed ones: By 3 of  … .",
    ]


def test_advice_on_the_start_page_and_in_the_handbook_is_looked_at(tmp_path):
    (tmp_path / "book").mkdir()
    options = ':figure: power-1-toy\n:number: "[[low:.0f]]"\n'
    finding = f"```{{finding}} power/1-toy\n{options}**It is always low**, by [[low:.0f]].\n```\n"
    (tmp_path / "book/start.md").write_text(f"All is typed here.\n\n{finding}", "utf8")
    (tmp_path / "book/handbook.yml").write_text('[{question: "Which?", answer: "The best, by 12 %."}]\n', "utf8")
    start, *handbook = sentences.problems([], tmp_path)
    assert start.startswith("start page, finding: expected always tied to a check")
    assert [text.split(": expected ")[1].split(",")[0][:12] for text in handbook] == ["best tied to", "numbers from"]
