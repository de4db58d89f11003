"""Errors planted in laws and simulators: the ledger must turn red for each, and say where."""

import json
import subprocess
import sys

import pytest

from tests.book import claim_slice

CHAPTERS = {
    "A5.2a": "power/5-instability-modes",
    "B1.1a": "cooling/1-initial-setup",
    "C3.1a": "distance/3-core-discoveries",
    "CA.2a": "distance/a-equations",
}
# what kind of error; the claim that must notice; file, line, line with the error; what the runner must say
PLANTED = [
    (
        "a factor two in a frequency",
        "A5.2a",
        "laws/oscillation.py",
        "half = (1 + momentum - step_curvature) / 2",
        "half = (1 + momentum - step_curvature / 2) / 2",
    ),
    (
        "a sign in an update",
        "A5.2a",
        "chapters/power/shared/heavy_ball.py",
        "v = momentum * v - push",
        "v = momentum * v + push",
    ),
    (
        "a sign in a law",
        "C3.1a",
        "laws/contraction.py",
        "x = np.log(d / np.sqrt(eps)) / -np.log",
        "x = np.log(d / np.sqrt(eps)) / np.log",
    ),
    (
        "a factor two in a law",
        "C3.1a",
        "laws/contraction.py",
        "k = 1.0 - 2.0 * rate * scale**2",
        "k = 1.0 - rate * scale**2",
    ),
    (
        "a wrong exponent in a law",
        "C3.1a",
        "laws/contraction.py",
        "x = np.log(d / np.sqrt(eps))",
        "x = np.log(d / eps)",
    ),
    (
        "an off-by-one in a law",
        "C3.1a",
        "laws/contraction.py",
        "0, np.floor(x) + 1)",
        "0, np.floor(x))",
    ),
    (
        "swapped arguments in a simulator",
        "C3.1a",
        "xor/_trajectory_kernels.py",
        "w1 -= (h1 if going else 0.0) * (g2 + g3 - g0 - g1)",
        "w1 -= (h1 if going else 0.0) * (g1 + g3 - g0 - g2)",
    ),
    (
        "a sign in a simulator",
        "B1.1a",
        "simulate/langevin.py",
        "noise * z[i] - drift * slope",
        "noise * z[i] + drift * slope",
    ),
    (
        "a factor two in a simulator",
        "B1.1a",
        "simulate/langevin.py",
        "np.sqrt(2 * eta *",
        "np.sqrt(eta *",
    ),
    (
        "a factor two in a closed form",
        "CA.2a",
        "xor/staircase.py",
        "np.log1p(d / np.sqrt(eps))",
        "np.log1p(2 * d / np.sqrt(eps))",
    ),
    (
        "an off-by-one in a closed form",
        "CA.2a",
        "xor/staircase.py",
        "counted(np.floor(x) + 1)",
        "counted(np.floor(x))",
    ),
    (
        "a sign in a gradient",
        "CA.2a",
        "xor/_trajectory_kernels.py",
        "b -= (h3 if going else 0.0)",
        "b += (h3 if going else 0.0)",
    ),
]


IDS = [p[0] for p in PLANTED]
END_TO_END = ("an off-by-one in a closed form", "a sign in a gradient")  # of the chapter that takes the least time


def judged(book, claim: str, plants: list[tuple[str, str, str]]) -> list[str]:
    """What the ledger refuses about a claim as it stands, and with each of the errors."""
    command = [sys.executable, claim_slice.__file__, claim, json.dumps(plants)]
    done = subprocess.run(command, cwd=book.root, env=book.environment(), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("claim", CHAPTERS)
def test_each_planted_error_is_refused_and_nothing_without_one(book, claim):
    """From the statements of its chapter that the claim needs."""
    planted = [p for p in PLANTED if p[1] == claim]
    unchanged, *texts = judged(book, claim, [p[2:] for p in planted])
    assert unchanged == ""
    for (kind, *_), text in zip(planted, texts, strict=True):
        assert f"{CHAPTERS[claim]}, claim {claim}: " in text, kind
        assert "expected" in text, (kind, text)


def test_importing_anew_what_is_behind_a_file_refuses_nothing(book):
    """What the errors are planted with, without an error."""
    assert judged(book, "A5.2a", [("laws/oscillation.py", "half = ", "half = ")]) == ["", ""]


@pytest.mark.slow
@pytest.mark.parametrize("name", END_TO_END)
def test_planted_and_met_by_the_whole_runner(book, name):
    claim, file, old, new = PLANTED[IDS.index(name)][1:]
    book.edit(f"src/trainphys/{file}", old, new)
    text = book.fails("verify", "--claim", claim)
    assert CHAPTERS[claim] in text
    assert "expected" in text, text
