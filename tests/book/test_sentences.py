"""Sentences that a reader takes home: what may not be typed in them, wherever they stand."""

import pytest

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
