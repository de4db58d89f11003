"""What stands on the built pages against the executed notebooks, by a route of its own: raw JSON and parsed HTML."""

import ast
import functools
import hashlib
import json
import math
import re
from pathlib import Path

import jsonschema
import pytest
import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "_build"
CLAIM, FIGURE = "application/vnd.trainphys.claim+json", "application/vnd.trainphys.figure+json"
GLUED = "application/papermill.record/text/plain"
ROLE = re.compile(r"\{glue:text\}`(\w+)(?::([^`]*))?`")

pytestmark = pytest.mark.site
if not (BUILD / "stamp.json").is_file():
    pytest.skip("needs the built book: make book", allow_module_level=True)
STAMP = json.loads((BUILD / "stamp.json").read_text("utf8"))
CHAPTERS = sorted(STAMP["runs"])


def glued(text):
    return float(text) if text in ("inf", "-inf", "nan") else ast.literal_eval(text)


@functools.cache
def bundles(chapter):
    path = BUILD / "runs" / chapter / f"{STAMP['runs'][chapter]['key'][:16]}.ipynb"
    cells = json.loads(path.read_text("utf8"))["cells"]
    return [output for cell in cells for output in cell.get("outputs", []) if "data" in output]


def records(chapter, mime):
    return [output["data"][mime] for output in bundles(chapter) if mime in output["data"]]


@functools.cache
def page(name):
    return BeautifulSoup((BUILD / f"html/{name}.html").read_text("utf8"), "html.parser")


@functools.cache
def claims():
    entries = [e for letter in "ABC" for e in yaml.safe_load((ROOT / f"book/claims/{letter}.yml").read_text("utf8"))]
    return {entry["id"]: entry for entry in entries}


def judged(record):
    """The word, from the evidence and the words of the rule alone."""
    if record["declared"] == "definition":
        return "definition"
    readings = {}
    for row in record["evidence"]:
        if row["agrees_stated"] is not None:
            readings.setdefault(row["reading"], []).append(row)
    condition = claims()[record["id"]].get("condition")
    universal = claims()[record["id"]].get("universal")
    found = set()
    for rows in readings.values():
        if all(row["agrees_stated"] for row in rows):
            found.add("holds")
        elif condition and separates(condition, rows):
            disagree = [row for row in rows if not row["agrees_stated"]]
            found.add("holds-if" if not universal or all(row["beyond"] for row in disagree) else "fails")
    word = "holds" if "holds" in found else "holds-if" if "holds-if" in found else "fails"
    return "underspecified" if record["declared"] and word != "fails" else word


def separates(condition, rows):
    """Whether a reading agrees in all quantities at each place inside, at no place outside, and there are both."""
    agreeing = {}
    for row in rows:
        place = tuple(sorted(row["at"].items()))
        agreeing[place] = agreeing.get(place, True) and row["agrees_stated"]
    sides = {place: met(condition, dict(place)) for place in agreeing}
    return sides == agreeing and len(set(sides.values())) == 2


RELATIONS = {
    " is not ": lambda a, b: str(a) != b,
    " is ": lambda a, b: str(a) == b,
    " at most ": lambda a, b: a <= float(b),
    " at least ": lambda a, b: a >= float(b),
    " below ": lambda a, b: a < float(b),
    " above ": lambda a, b: a > float(b),
}


def met(condition, at):
    named = [(part, next(words for words in RELATIONS if words in part)) for part in condition.split(" and ")]
    parts = [(words, *part.split(words, 1)) for part, words in named]
    if not all(key in at for _, key, _ in parts):
        return None
    return all(RELATIONS[words](at[key], value) for words, key, value in parts)


def shown_numbers(table):
    """Numbers of a table of evidence, row by row, without the first column and the rows that name a reading."""
    rows = []
    for row in table.find_all("tr"):
        cells = [cell.get_text(" ", strip=True) for cell in row.find_all("td")]
        if any(cells[1:]):
            rows.append(cells)
    return rows


RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def value_in(cell):
    text = cell.translate({ord(c): None for c in "≤≥✓✗±,"}).replace("fitted", "").replace("−", "-").strip()
    text = re.sub(r" × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda match: "e" + match[1].translate(RAISED), text)
    return float(text) if text and "not tested" not in text else None


def check_table(table, evidence, limit):
    wanted = []
    for reading in dict.fromkeys(row["reading"] for row in evidence):
        wanted += [row for row in evidence if row["reading"] == reading][:limit]
    cells = shown_numbers(table)
    assert len(cells) == len(wanted)
    exact = any(row["reference"] is not None for row in evidence)
    for own, row in zip(cells, wanted, strict=True):
        laws = [("stated", own[2]), ("corrected", own[3]), *([("reference", own[4])] if exact else [])]
        for law, cell in [*laws, ("measured", own[1])]:
            shown = value_in(cell)
            if row[law] is None:
                assert shown is None
            else:
                value = float(row[law])
                assert shown == value or math.isclose(shown, value, rel_tol=6e-4), (row, own)
        for law, cell in laws:
            assert ("✓" in cell) == (row[f"agrees_{law}"] is True)
            assert ("✗" in cell) == (row[f"agrees_{law}"] is False)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_cards_are_the_evidence_of_the_run(chapter):
    for record in records(chapter, CLAIM):
        card = page(f"notebooks/{chapter}").find(id=f"claim-{record['id']}").find_parent(class_="claim-card")
        word = judged(record)
        assert f"verdict-{word}" in card["class"], record["id"]
        words = {"holds-if": "holds if", "definition": "is a definition", "underspecified": "is underspecified"}
        assert card.get_text(" ", strip=True).startswith(f"{record['id']} {words.get(word, word)}")
        if record["evidence"]:
            check_table(card.find_all("table")[-1], record["evidence"], None)
            if any(row["stated"] is not None or row["corrected"] is not None for row in record["evidence"]):
                check_strip(card.select_one("summary > .strip"), record["evidence"])
            check_strip(card.find(id=f"claim-{record['id']}").select_one(":scope > .strip"), record["evidence"])


def check_strip(card, evidence):
    for law in ("stated", "corrected"):
        marks = card.select(f".strip-{law} i")
        shown = sorted((mark["class"][0], mark["title"].split("Measured ")[1].split(",")[0]) for mark in marks)
        words = {True: "strip-yes", False: "strip-no", None: "strip-fitted"}
        wanted = [row for row in evidence if row[law] is not None]
        assert sorted(name for name, _ in shown) == sorted(words[row[f"agrees_{law}"]] for row in wanted)
        for mark in marks:
            place = float(mark["style"].removeprefix("left:").removesuffix("%"))
            inside = abs(place - 50) < 6.9  # the band ends at 7, and places are rounded to a tenth
            assert not inside or mark["class"] in (["strip-yes"], ["strip-fitted"]), mark


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_ledger_is_the_evidence_of_the_run(chapter):
    kept = {row["id"]: row for row in json.loads((BUILD / "ledger.json").read_text("utf8"))}
    for record in records(chapter, CLAIM):
        row = kept[record["id"]]
        assert row["evidence"] == record["evidence"]
        assert row["verdict"] == judged(record) == claims()[record["id"]]["expected"]
        opened = page("book/ledger").find("details", id=record["id"])
        assert opened["data-verdict"] == row["verdict"]
        if record["evidence"]:
            filled = BeautifulSoup(opened.find("template").decode_contents(), "html.parser")
            check_table(filled.find("table"), record["evidence"], None)


def test_the_ledger_is_published_as_it_is():
    published = json.loads((BUILD / "html/ledger.json").read_text("utf8"))
    assert published["claims"] == json.loads((BUILD / "ledger.json").read_text("utf8"))
    schema = json.loads((BUILD / "html/ledger.schema.json").read_text("utf8"))
    jsonschema.validate(published, schema, jsonschema.Draft202012Validator)
    for name, kind in (("claimreview.jsonld", "claimReview"), ("forrt.json", "forrt")):
        found = json.loads((BUILD / "html" / name).read_text("utf8"))
        own = {**schema["$defs"][kind], "$defs": schema["$defs"]}
        entries = found["@graph"] if isinstance(found, dict) else found
        assert len(entries) == len(published["claims"])
        for entry in entries:
            jsonschema.validate(entry, own, jsonschema.Draft202012Validator)


def test_figures_bear_the_numbers_that_are_cited():
    for record in json.loads((BUILD / "html/figures.json").read_text("utf8")):
        picture = page(f"notebooks/{record['chapter']}").find("figure", id=record["name"])
        assert picture.select_one(".caption-number").get_text(strip=True) == f"Fig. {record['number']}"
        receipt = json.loads((BUILD / f"html/figures/{record['name']}.json").read_text("utf8"))
        table = (BUILD / f"html/figures/{record['name']}.csv").read_bytes()
        assert receipt["data_sha256"][f"{record['name']}.csv"] == hashlib.sha256(table).hexdigest()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_numbers_in_sentences_are_those_of_the_run(chapter):
    values = {
        output["metadata"]["scrapbook"]["name"]: glued(output["data"][GLUED])
        for output in bundles(chapter)
        if GLUED in output["data"]
    }
    source = (ROOT / f"notebooks/{chapter}.md").read_text("utf8")
    wanted = [format(values[name], form or "") for name, form in ROLE.findall(source)]
    wanted = [re.sub("^-", "−", shown) for shown in wanted]  # a minus sign, as a reader knows it
    pasted = [span.get_text() for span in page(f"notebooks/{chapter}").select("span.pasted-text")]
    assert pasted == wanted


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_figures_are_those_of_the_run(chapter):
    for record in records(chapter, FIGURE):
        folder = BUILD / "html/figures"
        assert (folder / f"{record['name']}.csv").read_text("utf8") == record["csv"]
        assert (folder / f"{record['name']}.svg").read_text("utf8") == record["svg"]
        picture = page(f"notebooks/{chapter}").find("figure", id=record["name"])
        assert picture.img["alt"] == record["alt"]
        caption = picture.figcaption.get_text(" ", strip=True)
        plain = re.sub(r"\$[^$]*\$|\{[\w:]+\}`[^`]*`|[*_`\\]", " ", record["caption"])
        for number in re.findall(r"\d+(?:\.\d+)?", plain):
            assert number in caption


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_downloaded_notebook_numbers_figures_and_equations_as_the_page_does(chapter):
    notebook = json.loads((BUILD / f"html/notebooks/{chapter}.ipynb").read_text("utf8"))
    captions = [
        output["data"]["text/markdown"]
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if "**Fig." in "".join(output.get("data", {}).get("text/markdown", ""))
    ]
    numbers = sorted(re.match(r"\*\*(Fig\. \w+\.\d+)", "".join(caption))[1] for caption in captions)
    shown = sorted(
        node.get_text(strip=True) for node in page(f"notebooks/{chapter}").select("figcaption .caption-number")
    )
    assert numbers == shown
    prose = "".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    tags = [f"({tag})" for tag in re.findall(r"\\tag\{(.*?)\}", prose)]
    assert tags == [node.get_text(strip=True).rstrip("#") for node in page(f"notebooks/{chapter}").select("span.eqno")]
    assert not re.search(r"\{(glue:text|numref|eq|cite:[pt]|doc)\}`", prose)
