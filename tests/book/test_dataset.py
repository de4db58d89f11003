"""The ledger as others read it: its schema takes what is published and nothing else, and the exports keep its words."""

import json

import jsonschema
import pytest

from tests.book.by_hand import GOOD, a_run, entry, judged, keep, project_file, record, row, write_book
from trainphys.book import dataset, publish
from trainphys.book.store import Run


@pytest.fixture
def published(tmp_path):
    publish.publish([a_run(tmp_path)], tmp_path)
    folder = tmp_path / publish.PUBLISHED
    return {
        name: json.loads((folder / name).read_text("utf8"))
        for name in ("ledger.json", dataset.SCHEMA, "claimreview.jsonld", "forrt.json")
    }


def check(found, schema, kind=None):
    """Against the whole schema, or one of its definitions."""
    own = {**schema["$defs"][kind], "$defs": schema["$defs"]} if kind else schema
    jsonschema.validate(found, own, jsonschema.Draft202012Validator)


def test_what_is_published_keeps_to_the_schema(published):
    schema = published[dataset.SCHEMA]
    jsonschema.Draft202012Validator.check_schema(schema)
    check(published["ledger.json"], schema)
    for review in published["claimreview.jsonld"]["@graph"]:
        check(review, schema, "claimReview")
    for outcome in published["forrt.json"]:
        check(outcome, schema, "forrt")


@pytest.mark.parametrize("name", ["version", "commit", "licence", "environment", "runs", "claims"])
def test_a_ledger_without_its_origin_is_refused(published, name):
    del published["ledger.json"][name]
    with pytest.raises(jsonschema.ValidationError, match=f"'{name}' is a required property"):
        check(published["ledger.json"], published[dataset.SCHEMA])


@pytest.mark.parametrize(
    ("key", "value"), [("verdict", "maybe"), ("id", "D1.1a"), ("evidence", None), ("evidence", [{}]), ("more", 1)]
)
def test_a_claim_that_is_none_is_refused(published, key, value):
    published["ledger.json"]["claims"][0][key] = value
    with pytest.raises(jsonschema.ValidationError):
        check(published["ledger.json"], published[dataset.SCHEMA])


@pytest.mark.parametrize(
    ("key", "value"), [("measured", "many"), ("measured", None), ("stderr", -1), ("relation", "<")]
)
def test_a_comparison_that_is_none_is_refused(published, key, value):
    published["ledger.json"]["claims"][0]["evidence"][0][key] = value
    with pytest.raises(jsonschema.ValidationError):
        check(published["ledger.json"], published[dataset.SCHEMA])


def test_the_ledger_says_where_it_comes_from(published, tmp_path):
    found = published["ledger.json"]
    assert (found["title"], found["version"], found["licence"], found["commit"]) == ("Toys", "1.0", "CC-BY-4.0", "")
    (own,) = found["runs"].values()
    assert own["parameters"] == {"seed": 0, "draws": 40}
    assert not {"doi", "url"} & found.keys()
    project_file(tmp_path, doi="10.1/x", site_url="https://a.org")
    more = dataset.ledger([], [], tmp_path)
    assert (more["doi"], more["url"]) == ("10.1/x", "https://a.org/ledger.json")


WRONG = row(1.0, 2.0, corrected=1.0)
SPLIT = (row(1.0, 1.0, corrected=1.0), row(1.0, 2.0, corrected=1.0, at={"gap": 0.5}))
CASES = {
    "holds": (GOOD, {}, ""),
    "holds-if": (SPLIT, {"condition": "gap below 0.1"}, ""),
    "fails": ((WRONG,), {}, ""),
    "definition": ((), {}, "definition"),
    "underspecified": (GOOD, {"missing": "a unit"}, "underspecified"),
}


@pytest.mark.parametrize("word", CASES)
def test_each_verdict_has_its_word_in_the_exports(tmp_path, word):
    evidence, more, declared = CASES[word]
    claim = entry("A1.1a", expected=word, reason="So it is.", corrected="$x$", **more)
    own = write_book(tmp_path, claim, entry("B1.1a"))
    run = keep(Run(own, {}, tmp_path / "runs"), *judged(record(*evidence, declared=declared)), low=1.0)
    publish.publish([run], tmp_path)
    folder = tmp_path / publish.PUBLISHED
    first, pending = json.loads((folder / "forrt.json").read_text("utf8"))
    assert (first["verdict"], first["validation_status"]) == (word, dataset.FORRT[word])
    assert pending["validation_status"] == "NotTested"
    (review,) = json.loads((folder / "claimreview.jsonld").read_text("utf8"))["@graph"]
    rating = review["reviewRating"]
    assert rating["alternateName"] == word
    assert rating.get("ratingValue") == {"fails": 1, "holds-if": 2, "holds": 3}.get(word)
    assert review["itemReviewed"]["appearance"]["name"] == "Document A"
    assert review["reviewBody"].startswith(f"A1.1a {'is' if declared else word.split('-')[0]}")
    assert review["reviewBody"].endswith("So it is.")


def test_every_word_of_the_rule_has_one_of_forrt():
    allowed = set(dataset.schema()["$defs"]["forrt"]["properties"]["validation_status"]["enum"])
    assert dataset.FORRT.keys() == {*CASES, "pending"}
    assert set(dataset.FORRT.values()) == allowed
