"""The audit sees evidence that moves with the laws, checks that do not notice, and predictions that no law gave."""

import json

import pytest

from tests.conftest import CHAPTER
from trainphys.book.audit import Findings, _compare_row
from trainphys.book.evidence import compare
from trainphys.estimate import Estimate

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


def row(**more):
    return compare("mean", {}, Estimate(1.0, 0.001, 100), **more).as_json()


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
