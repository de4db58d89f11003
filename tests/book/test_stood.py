"""How often a verdict stood is counted from the records, and each system adds its own words to one of them."""

import json
import platform

from tests.book.by_hand import a_run
from trainphys.book import audit, ledger, stood
from trainphys.book.audit import Findings

HERE = f"{platform.system()} {platform.machine()}, Python {platform.python_version().rpartition('.')[0]}"


def test_counts_are_of_this_word_in_each_record(tmp_path):
    (tmp_path / "book").mkdir()
    assert stood.stood(tmp_path, "A1.1a", "holds") == ""
    assert stood.systems(tmp_path) == []
    audit.write(tmp_path, Findings(), {"A1.1a": {"1": "holds", "2": "fails", "3": "holds"}})
    assert stood.stood(tmp_path, "A1.1a", "holds") == "The verdict stood with 2 of 3 fresh seeds."
    assert stood.stood(tmp_path, "B1.1a", "holds") == ""
    systems = {"A1.1a": {"Linux": "holds", "Darwin": "pending"}, "B1.1a": {"Linux": "fails"}}
    (tmp_path / stood.SYSTEMS).write_text(json.dumps(systems), "utf8")
    both = "The verdict stood with 2 of 3 fresh seeds and on 1 of 2 systems."
    assert stood.stood(tmp_path, "A1.1a", "holds") == both
    assert stood.stood(tmp_path, "B1.1a", "fails") == "The verdict stood on 1 of 1 systems."
    assert stood.systems(tmp_path) == ["Darwin", "Linux"]


def test_a_system_writes_its_words_and_what_did_not_run_is_pending(tmp_path):
    run = a_run(tmp_path)
    stood.write(tmp_path / "words.json", ledger.rows([run], tmp_path))
    assert json.loads((tmp_path / "words.json").read_text("utf8")) == {
        "A1.1a": {HERE: "holds"},
        "B2.1a": {HERE: "pending"},
    }
    stood.write(tmp_path / "words.json", ledger.rows([], tmp_path))
    assert json.loads((tmp_path / "words.json").read_text("utf8"))["A1.1a"] == {HERE: "pending"}
