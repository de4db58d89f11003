"""Tests of ``book.turns``."""

from types import SimpleNamespace

from trainphys.book.turns import Turns

SWEEP, UNITS = "trainphys.chapters.power.shared.batch_sweep", "trainphys.chapters.cooling.shared.units"


def run(name, *modules):
    return SimpleNamespace(chapter=SimpleNamespace(name=name, modules=[*modules, "trainphys.estimate"]))


def test_a_chapter_waits_while_another_runs_the_code_that_it_shares():
    a, b, c = run("A1", SWEEP), run("A2", f"{SWEEP}.sweep_of"), run("B1", UNITS)
    turns = Turns([a, b, c])
    assert [turns.take(), turns.take()] == [a, c]
    turns.done(a)
    assert turns.take() is b


def test_no_core_is_idle_when_all_that_is_left_is_shared():
    a, b = run("A1", SWEEP), run("A2", SWEEP)
    turns = Turns([a, b])
    assert [turns.take(), turns.take()] == [a, b]


def test_a_chapter_that_ended_holds_nobody_up():
    a, b, c = run("A1", SWEEP), run("A2", SWEEP), run("B1")
    turns = Turns([a, b, c])
    turns.done(turns.take())
    assert [turns.take(), turns.take()] == [b, c]
