"""What differs between two ledgers is said, all of it, and nothing else."""

import copy
import json

import pytest
from click.testing import CliRunner

from tests.book.by_hand import project_file, row
from trainphys.book import changes, commands
from trainphys.book.publish import PUBLISHED

TABLE = ["| claim | what | before | now |", "|:--|:--|:--|:--|"]


def claim(name, **more):
    plain = {"id": name, "verdict": "holds", "condition": "", "statement": "It falls.", "corrected": ""}
    return {**plain, "evidence": [row(at={"step": step}) for step in range(5)], **more}


@pytest.fixture
def old():
    return {name: claim(name) for name in ("A1.1a", "B1.1a")}


def test_equal_ledgers_differ_in_nothing(old):
    assert changes.differences(old, copy.deepcopy(old)) == "No verdict and no number differs."


def test_verdicts_conditions_and_texts_are_compared(old):
    new = {**old, "B1.1a": {**old["B1.1a"], "verdict": "holds-if", "condition": "gap | step\n below 2"}}
    assert changes.differences(old, new).splitlines() == [
        *TABLE,
        "| B1.1a | verdict | holds | holds-if |",
        r"| B1.1a | condition | none | gap \| step below 2 |",
    ]
    for key in ("statement", "corrected"):
        new = {**old, "A1.1a": {**old["A1.1a"], key: "Other."}}
        assert f"| A1.1a | {key} | " in changes.differences(old, new)


def test_claims_come_and_go(old):
    assert changes.differences(old, {**old, "C1.1a": claim("C1.1a")}) == "- New claims: C1.1a"
    assert changes.differences(old, {"A1.1a": old["A1.1a"]}) == "- Gone: B1.1a"


def test_numbers_that_moved_most_come_first_and_the_rest_is_counted(old):
    moved = [row(1.0 + 0.01 * step, at={"step": step}) for step in range(5)]
    new = {**old, "A1.1a": claim("A1.1a", evidence=moved)}
    assert changes.differences(old, new).splitlines() == [
        *TABLE,
        "| A1.1a | loss (step 4) | 1 ± 0.001, as stated | 1.04 ± 0.001, not as stated |",
        "| A1.1a | loss (step 3) | 1 ± 0.001, as stated | 1.03 ± 0.001, not as stated |",
        "| A1.1a | loss (step 2) | 1 ± 0.001, as stated | 1.02 ± 0.001, not as stated |",
        "| A1.1a | 1 more measured numbers |  | differ by less |",
    ]


def test_a_changed_law_and_comparisons_that_come_or_go(old):
    other = [row(1.0, 2.0, at={"step": 0}), *old["A1.1a"]["evidence"][1:3], row(at={"step": 9})]
    lines = changes.differences(old, {**old, "A1.1a": claim("A1.1a", evidence=other)}).splitlines()[2:]
    assert lines == [
        "| A1.1a | comparisons | 5 (2 of them gone) | 4 (1 of them new) |",
        "| A1.1a | loss (step 0) | 1 ± 0.001, as stated | 1 ± 0.001, not as stated |",
    ]


def test_the_command_takes_both_forms_of_a_ledger(old, tmp_path):
    before, now = tmp_path / "a.json", tmp_path / "b.json"
    before.write_text(json.dumps(list(old.values())))
    now.write_text(json.dumps({"claims": [{**own, "verdict": "fails"} for own in old.values()]}))
    done = CliRunner().invoke(commands.main, ["changes", str(before), str(now)])
    assert done.exit_code == 0
    assert done.output.splitlines()[2:] == [
        "| A1.1a | verdict | holds | fails |",
        "| B1.1a | verdict | holds | fails |",
    ]


def test_the_page_compares_with_the_newest_release(old, tmp_path):
    project_file(tmp_path)
    assert changes.page(tmp_path) == "Version 1.0 is the first: there is no earlier ledger to compare with."
    folder = tmp_path / changes.RELEASES
    folder.mkdir()
    (tmp_path / PUBLISHED).mkdir(parents=True)
    (tmp_path / PUBLISHED / "ledger.json").write_text(json.dumps({"claims": list(old.values())}))
    (folder / "0.9.0.json").write_text("[]")
    (folder / "0.10.0.json").write_text(json.dumps({"claims": [old["A1.1a"]]}))
    assert changes.page(tmp_path) == "Since version 0.10.0:\n\n- New claims: B1.1a"


@pytest.mark.parametrize("text", ["no JSON", '{"other": 1}', "[1]", '[{"no": "id"}]'])
def test_what_is_no_ledger_is_refused_with_its_name(text, tmp_path):
    path = tmp_path / "other.json"
    path.write_text(text)
    done = CliRunner().invoke(commands.main, ["changes", str(path), str(path)])
    assert done.exit_code == 1
    assert "expected a ledger, such as _build/html/ledger.json, got" in " ".join(done.output.split())
