"""The audit sees evidence that moves with the laws, checks that do not notice, and predictions that no law gave."""

import json
import math
from pathlib import Path

import pytest

from tests.book import by_hand
from tests.conftest import CHAPTER
from trainphys.book import audit
from trainphys.book.audit import Findings, _compare_row, _outcome
from trainphys.book.evidence import compare
from trainphys.book.store import Run
from trainphys.estimate import Estimate

ROOT = Path(__file__).resolve().parents[2]
PAGE = f"notebooks/{CHAPTER}.md"
BENT = """
```{code-cell} ipython3
from trainphys.bend import setting
from trainphys.laws.success import harmonic_success

law = float(harmonic_success(1.0, 1.0, 2))
with setting():
    chosen = float(harmonic_success(1.0, 1.0, 2))
assert abs(law - chosen) < 1e-12
for name, measured, expected in (("sound", chosen, law), ("circular", law, law), ("typed", 0.5, 0.5)):
    claim = Claim({"sound": "A1.1a", "circular": "A1.1b", "typed": "A1.2a"}[name])
    claim.compare(quantity=name, at={}, measured=Estimate(measured, 0.001, 100), stated=expected, corrected=expected)
    claim.verdict()
```
"""


def row(at=(), **more):
    return compare("mean", dict(at), Estimate(1.0, 0.001, 100), **more).as_json()


def found(plain, *changed):
    findings = Findings()
    _compare_row("X", plain, changed, findings)
    return findings


def test_a_sound_row_is_noticed():
    good = found(row(stated=1.0, corrected=1.0), row(stated=1.1, corrected=1.1), row(stated=0.9, corrected=0.9))
    assert not good.problems()
    assert good.noticed == 1


def test_a_bound_is_noticed_from_one_side():
    plain, up, down = (row(stated=x, relation="<=") for x in (1.0, 1.1, 0.9))
    assert not found(plain, up, down).problems()
    assert found(plain, up, up).idle


def test_what_moves_what_stays_and_what_is_typed():
    moved = {**row(corrected=1.1), "measured": 1.1}
    assert found(row(corrected=1.0), moved, moved).circular
    assert found(row(corrected=1.0), row(corrected=1.1), {**row(corrected=0.9), "stderr": 0.002}).circular
    assert found(*[row(corrected=1.001)] * 3).typed
    assert not found(*[row(corrected=1.0)] * 3).problems()
    wide = {"rtol": 0.2, "rtol_reason": "a wide law"}
    assert not found(*(row(corrected=x, **wide) for x in (1.0, 1.1, 0.9))).problems()  # it never had teeth


@pytest.mark.slow
def test_a_book_is_audited(toy):
    """One process a pass, as for readers: the laws are bent where the chapter runs, and nowhere else."""
    with toy.chapter.open("a", encoding="utf8") as page:
        page.write(BENT)
    text = toy.fails("audit")
    assert "circular: A1.1b, circular" in text
    assert "typed: A1.2a, typed" in text
    assert "A1.1a" not in text
    assert "circular 1, not noticed 0, typed 1" in text
    record = json.loads((toy.root / "book/audit.json").read_text("utf8"))
    assert record["rows"] == 4
    assert record["noticed"] == 1


@pytest.mark.parametrize(
    ("moved", "outcome"),
    [
        ((1.0, 1.0), "still"),
        ((1.05, 0.999), "red"),
        ((1.005, 0.995), "weak"),
        ((1.005, math.inf), "red"),
        ((math.nan, math.nan), "still"),
    ],
)
def test_what_a_law_does_when_it_is_bent(moved, outcome):
    """Its check notices about 0.7 %."""
    plain = row(stated=1.0)
    assert _outcome(plain, [row(stated=value) for value in moved], "stated") == outcome


def test_a_law_that_moves_beyond_its_teeth_and_stays_green_is_idle():
    plain = row(stated=1.0, corrected=2.0, rtol=0.9, rtol_reason="wide")
    teeth = plain["detectable"]
    green = {"agrees_stated": True}
    just = {**row(stated=1.0 + 2 * teeth * 0.999), **green}
    over = {**row(stated=1.0 - 2 * teeth * 1.001), **green}
    assert _outcome(plain, [just], "stated") == "weak"
    assert _outcome(plain, [just, over], "stated") == "idle"
    assert _outcome({**plain, "detectable": None}, [over], "stated") == "weak"
    plain = {**row(stated=1.0), "detectable": 0.1}
    bound = {**plain, "relation": "<=", "measured": 0.5}  # by 0.5 off, and right
    near = {**bound, **green, "stated": 0.45}
    assert _outcome(bound, [near], "stated") == "weak"
    assert _outcome(bound, [{**near, "stated": 0.35}], "stated") == "idle"
    alone = row(stated=0.5)
    assert _outcome(alone, [{**row(stated=0.5 + 0.5 * alone["detectable"] * 1.001), **green}], "stated") == "idle"


def test_each_finding_is_counted_under_its_name():
    plain = row(stated=1.0, corrected=1.0)
    weak = found(plain, *[row(stated=1.001, corrected=1.001)] * 2)
    assert (weak.rows, weak.noticed, weak.weak, weak.problems()) == (1, 0, 1, [])
    red = found(plain, row(stated=1.001, corrected=1.1))
    assert (red.rows, red.noticed, red.weak, red.problems()) == (1, 1, 0, [])
    moved = found(plain, {**plain, "measured": 1.1})
    assert (moved.rows, moved.noticed, moved.weak, moved.problems()) == (1, 0, 0, ["circular: X, mean, "])
    assert found(row(corrected=1.001, at={"gap": 3}), row(corrected=1.001)).problems() == ["typed: X, mean, gap 3"]
    assert not found(row(corrected=0.0), row(corrected=0.0)).problems()
    wrong = found(row(stated=2.0, corrected=3.0), row(stated=2.0, corrected=3.0))
    assert (wrong.rows, wrong.noticed, wrong.weak, wrong.problems()) == (1, 0, 0, [])
    assert wrong.refuted == 1
    everything = Findings(["a"], ["b"], ["c"], ["d"])
    assert everything.problems() == ["circular: a", "not noticed: b", "typed: c", "d"]


def test_every_row_is_counted_once():
    """Moved, still, refuted, circular; and idle for one law while the other turns red."""
    plain = row(stated=1.0, corrected=1.0)
    wide = row(stated=1.0, corrected=1.0, rtol=0.9, rtol_reason="wide")
    teeth = wide["detectable"]
    idle = {**wide, "stated": 1.0 + 1.1 * teeth, "corrected": 9.0, "agrees_corrected": False}
    findings = Findings()
    for before, after in (
        (plain, row(stated=1.1, corrected=1.1)),
        (plain, row(stated=1.001, corrected=1.001)),
        (plain, plain),
        (row(stated=2.0), row(stated=2.2)),
        (plain, {**plain, "measured": 1.1}),
        (wide, idle),
    ):
        _compare_row("X", before, [after], findings)
    assert (findings.noticed, findings.weak, findings.still, findings.refuted) == (1, 1, 1, 1)
    assert (len(findings.circular), len(findings.idle)) == (1, 1)
    assert findings.rows == 6


def test_the_rows_of_the_last_audit_add_up():
    found = json.loads((ROOT / audit.WRITTEN).read_text("utf8"))
    kinds = ("noticed", "weak", "still", "refuted", "idle", "circular")
    assert sum(found[kind] for kind in kinds) == found["rows"]
    assert found["idle"] == sum(problem.startswith("not noticed") for problem in found["problems"])


class Kept:
    """Runs of a book that are there already: what a chapter gives with the laws as they are, bent, or another seed."""

    def __init__(self, root, evidence):
        self.root, self.evidence, self.asked = root, evidence, []
        self.chapter = by_hand.write_book(root)

    def runs(self, chapters, *, bend=None, seed=None):
        found = [Run(c, {} if seed is None else {"seed": seed}, self.root / str(bend), bend) for c in chapters]
        for one in found:
            by_hand.keep(one, *by_hand.judged(by_hand.record(*self.evidence(bend, seed))), low=1.0)
        return found

    def execute(self, todo, *, jobs):
        self.asked.append((todo[0].bend, todo[0].parameters, jobs))
        return [] if self.asked[-1][0] != "mixed" else ["a: it broke"]


@pytest.fixture
def kept(tmp_path, monkeypatch):
    def make(evidence):
        own = Kept(tmp_path, evidence)
        monkeypatch.setattr(audit.runner, "runs", own.runs)
        monkeypatch.setattr(audit.runner, "execute", own.execute)
        return own

    return make


def test_a_book_is_run_plainly_and_bent_each_way_and_compared_row_by_row(kept):
    factor = {None: 1.0, "up": 1.1, "down": 0.9, "mixed": 1.1}
    own = kept(lambda way, seed: [row(stated=factor[way]), row(stated=1.0, corrected=1.001)])
    result = audit.bend([own.chapter], jobs=3)
    assert own.asked == [(way, {}, 3) for way in (None, "up", "down", "mixed")]
    assert (result.rows, result.noticed, result.failed) == (2, 1, ["a: it broke"])
    assert result.typed == ["A1.1a, mean, "]


def test_a_number_of_rows_that_changes_with_the_laws_is_circular(kept):
    own = kept(lambda way, seed: [row(stated=1.0)] * (2 if way == "down" else 1))
    assert audit.bend([own.chapter]).circular == ["A1.1a: the number of comparisons changes with the laws"]


def test_a_chapter_that_did_not_run_is_not_compared(kept, monkeypatch):
    own = kept(lambda way, seed: [row(stated=1.0)])
    monkeypatch.setattr(Run, "is_done", lambda run: run.bend != "down")
    assert audit.bend([own.chapter]).rows == 0


def test_fresh_seeds_give_words_and_other_draws(kept, tmp_path):
    own = kept(
        lambda way, seed: [row(stated=2.0 if seed == 2 else 1.0), {**row(stated=1.0), "measured": 1 + (seed or 0)}]
    )
    words, deaf = audit.seeds([own.chapter], [1, 2], tmp_path, jobs=4)
    assert words == {"A1.1a": {"1": "holds", "2": "fails"}}
    assert deaf == []
    assert own.asked == [(None, {"seed": seed}, 4) for seed in (1, 2)]


def test_a_chapter_that_gives_the_same_draws_with_another_seed_is_deaf(kept, tmp_path):
    own = kept(lambda way, seed: [row(stated=1.0)])
    (deaf,) = audit.seeds([own.chapter], [7], tmp_path)[1]
    assert deaf == f"{by_hand.NAME}: expected other draws with seed 7, got the same measurements"
    for exact in ({"stderr": 0.0}, {"n": 2}):
        own = kept(lambda way, seed, exact=exact: [{**row(stated=1.0), **exact}])
        assert audit.seeds([own.chapter], [7], tmp_path)[1] == []
    own = kept(lambda way, seed: [{**row(stated=1.0), "n": 3}])
    assert len(audit.seeds([own.chapter], [7], tmp_path)[1]) == 1


def test_a_chapter_that_fails_with_a_seed_ends_the_audit(kept, tmp_path, monkeypatch):
    own = kept(lambda way, seed: [row(stated=1.0)])
    monkeypatch.setattr(audit.runner, "execute", lambda todo, jobs: ["a: it broke", "b"])
    with pytest.raises(ValueError, match="expected chapters to run with seed 7, got a: it broke; b"):
        audit.seeds([own.chapter], [7], tmp_path)


def test_what_an_audit_found_is_kept_for_the_pages(tmp_path):
    (tmp_path / "book").mkdir()
    audit.write(tmp_path, Findings(["a ≤ b"], rows=3, noticed=2, weak=1), {"A1.1a": {"1": "holds"}})
    text = (tmp_path / audit.WRITTEN).read_text("utf8")
    assert json.loads(text) == {
        "rows": 3,
        "noticed": 2,
        "weak": 1,
        "still": 0,
        "refuted": 0,
        "idle": 0,
        "circular": 1,
        "problems": ["circular: a ≤ b"],
        "seeds": {"A1.1a": {"1": "holds"}},
    }
    assert "≤" in text
