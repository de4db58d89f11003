"""Laws changed by a tenth: every kind of result, once, in the modules that predict and in no other."""

import ast
import types
from dataclasses import dataclass, field
from textwrap import dedent
from typing import NamedTuple

import numpy as np
import pytest

from trainphys import bend
from trainphys.book import formulas
from trainphys.estimate import Estimate


def test_every_kind_of_result_is_bent():
    def law():
        return 2.0

    half = lambda shape: 0.5  # noqa: E731
    assert bend.times((2.0, 3, True, "x", law), half)[:4] == (1.0, 3, True, "x")
    assert bend.times(law, half)() == 1.0
    assert bend.times(Estimate(2.0, 1.0, 3), half).value == 1.0
    for way, wanted in (("up", {1.1}), ("down", {0.9}), ("mixed", {0.9, 1.1})):
        assert {round(float(x), 9) for x in bend._bent(lambda: np.ones(50), way)()} == wanted
        assert bend._bent(lambda: 20, way)() in {22, 18}
        assert bend._bent(lambda: True, way)() is True


def test_a_law_that_calls_a_law_is_bent_once_and_a_setting_not_at_all():
    inner = bend._bent(lambda: 1.0, "up")
    outer = bend._bent(lambda: 2 * inner(), "up")
    assert outer() == pytest.approx(2.2)
    with bend.setting():
        assert outer() == 2.0


def test_law_modules_are_those_that_predict(monkeypatch):
    monkeypatch.setattr(bend, "importlib", types.SimpleNamespace(import_module=str))  # their names, unimported
    names = set(bend.law_modules())
    assert {"trainphys.laws.success", "trainphys.xor.basins"} <= names
    rooms = [name for name in names if name.startswith("trainphys.chapters.")]
    assert {name.rsplit(".", 1)[1] for name in rooms} == {"laws", "claimed"}
    assert {name for name in names if name.startswith("trainphys.xor")} == {f"trainphys.xor.{x}" for x in bend.XOR_LAWS}
    assert "trainphys.laws" not in names
    assert not any(name.startswith(("trainphys.simulate", "trainphys.tools", "trainphys.systems")) for name in names)


class Pair(NamedTuple):
    time: float
    name: str


@dataclass
class Found:
    value: float
    runs: int
    doubled: float = field(init=False)

    def __post_init__(self):
        self.doubled = 2 * self.value


def test_numbers_keep_their_kind_and_containers_their_names():
    half = lambda shape: np.full(shape, 0.5)  # noqa: E731
    assert bend.times(Pair(2.0, "x"), half) == Pair(1.0, "x")
    assert bend.times(Found(2.0, 3), half) == Found(1.0, 3)
    assert bend.times(Found, half) is Found
    assert type(bend.times(np.float32(2), half)) is np.float32
    assert bend.times(np.array([2.0, 4.0]), half).tolist() == [1.0, 2.0]
    assert bend.times(np.array([2, 4]), half).tolist() == [2, 4]
    assert bend.times(np.array([True]), half).tolist() == [True]
    later = bend.times(dedent, half)
    assert later.__name__ == "dedent"
    assert later("  x") == "x"


def test_counts_go_to_the_next_count():
    for law, up, down in ((lambda: 20, 22, 18), (lambda: np.int64(20), 22, 18), (lambda: 4, 4, 4)):
        for way, wanted in (("up", up), ("down", down)):
            found = bend._bent(law, way)()
            assert (found, type(found)) == (wanted, type(law()))
    found = bend._bent(lambda: np.array([20, 6]), "up")()
    assert found.tolist() == [22, 7]
    assert found.dtype == int


def test_lots_are_those_of_the_call():
    def law(x, scale=1.0):
        return scale * np.ones(50)

    bent = bend._bent(law, "mixed")
    assert bent.__name__ == "law"
    assert (bent(1) == bent(1)).all()
    for other in (bent(2), bent(1, scale=1.0), bend._bent(lambda x: np.ones(50), "mixed")(1)):
        assert (bent(1) != other).any()


def test_a_law_that_fails_leaves_the_next_one_bent():
    def law():
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        bend._bent(law, "up")()
    with pytest.raises(ArithmeticError), bend.setting():
        law()
    assert bend._bent(lambda: 1.0, "up")() == 1.1


def test_public_functions_of_laws_are_bent_and_nothing_else(monkeypatch):
    module = types.ModuleType("some.laws")
    module.dedent, module.Found = dedent, Found
    exec("def law(): return 2.0\ndef _helper(): return 2.0\nLEVEL = 2.0", vars(module))
    monkeypatch.setattr(bend, "law_modules", lambda: [module])
    evaluate = formulas.evaluate
    monkeypatch.setattr(formulas, "evaluate", evaluate)
    assert bend.install("up") == ["trainphys.book.formulas.evaluate", "some.laws.law"]
    assert formulas.evaluate.__wrapped__ is evaluate
    assert (module.law(), module._helper(), module.LEVEL) == (2.2, 2.0, 2.0)
    assert module.dedent is dedent


def test_a_kernel_bends_as_its_environment_says_and_asserts_nothing(monkeypatch):
    monkeypatch.delenv(bend.BEND, raising=False)
    assert not bend.active()
    monkeypatch.setenv(bend.BEND, "down")
    assert bend.active()
    ways, shell = [], types.SimpleNamespace(ast_transformers=[])
    monkeypatch.setattr(bend, "install", ways.append)
    bend.start_kernel(shell)
    assert ways == ["down"]
    [transformer] = shell.ast_transformers
    cell = transformer.visit(ast.parse("assert False\nx = 1"))
    names = {}
    exec(compile(cell, "cell", "exec"), names)
    assert names["x"] == 1
