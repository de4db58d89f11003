"""The names that are promised: each is reached, documented, and costs nothing before it is used."""

import ast
import inspect
import json
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import trainphys
from trainphys.provenance import modules_behind

ROOT = Path(__file__).resolve().parents[1]
SLOW = {"torch", "sklearn", "scipy", "numba", "pandas", "matplotlib", "distributed"}
ROOMS = {"laws", "simulate", "tools"}
DOORS = {"trainphys": trainphys, "trainphys.laws": trainphys.laws}
NAMES = [(door, name) for door, package in DOORS.items() for name in package.__all__ if name not in ROOMS]


SHOWN = re.findall(
    r"\w+", " ".join(re.findall(r"^ *(?:>>>|\.\.\.) (.*)$", inspect.getdoc(trainphys.operating_point), re.M))
)


def stub(door: str) -> tuple[list[str], list[str]]:
    """The names that a stub imports, and those of its ``__all__``."""
    tree = ast.parse((ROOT / "src" / door.replace(".", "/") / "__init__.pyi").read_text("utf8"))
    imported = [a.asname or a.name for node in tree.body if isinstance(node, ast.ImportFrom) for a in node.names]
    (offered,) = [node.value for node in tree.body if isinstance(node, ast.Assign)]
    return imported, ast.literal_eval(offered)


def loaded(program: str) -> set[str]:
    """The modules that a fresh interpreter holds after a program."""
    code = f"import json, sys; {program}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("door", DOORS)
def test_a_door_offers_what_its_stub_imports(door):
    imported, offered = stub(door)
    assert sorted(imported) == sorted(offered) == sorted(set(offered)) == sorted(DOORS[door].__all__)
    assert set(offered) <= set(dir(DOORS[door]))


@pytest.mark.parametrize(("door", "name"), NAMES)
def test_help_begins_with_what_is_taken(door, name):
    """Types as they are written: spelt out, that of an array takes six lines for each argument."""
    found = getattr(DOORS[door], name)
    if not (inspect.isclass(found) and issubclass(found, Exception)):
        assert "numpy._typing" not in str(inspect.signature(found))


@pytest.mark.parametrize(("door", "name"), NAMES)
def test_a_name_goes_to_other_processes(door, name):
    """As ``multiprocessing`` sends it: by its module and name."""
    found = getattr(DOORS[door], name)
    assert pickle.loads(pickle.dumps(found)) is found


@pytest.mark.parametrize(("door", "name"), NAMES)
def test_a_name_is_reached_and_says_what_it_is(door, name):
    found = getattr(DOORS[door], name)
    assert callable(found)
    first, _, rest = inspect.getdoc(found).partition("\n")
    assert first.endswith((".", ":")), "one sentence"
    if not (inspect.isclass(found) and issubclass(found, Exception)):
        assert ">>> " in rest or name in SHOWN, "an example that runs, its own or that of what takes it"
    if door == "trainphys.laws":
        assert "$" in first + rest, "its formula"
        assert "Args:" in rest
        assert "Raises:" in rest
        assert "Source: " in rest
        assert set(inspect.signature(found).parameters) <= set(re.findall(r"^ *(\w+): ", rest, re.M))


FUNCTIONS = {
    node.name
    for path in (ROOT / "src/trainphys/tools").rglob("*.py")
    for node in ast.parse(path.read_text("utf8")).body
    if isinstance(node, ast.FunctionDef)
}


@pytest.mark.parametrize("name", [name for door, name in NAMES if door == "trainphys"])
def test_help_sends_nobody_to_a_function_that_is_not_promised(name):
    found = getattr(trainphys, name)
    taken = set() if isinstance(found, type) else set(inspect.signature(found).parameters)
    named = set(re.findall(r"``(\w+)``", inspect.getdoc(found))) & FUNCTIONS - taken
    assert named <= {*trainphys.__all__, *trainphys.laws.__all__}


def test_a_module_hides_no_name():
    """Importing a module sets it on the package around it: no name that is promised may be such a module's."""
    program = """
import importlib, inspect, json, pkgutil, trainphys
for package in (trainphys.laws, trainphys.tools, trainphys.simulate, trainphys.ensemble):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
doors = [(trainphys, set(trainphys.__all__) - {"laws", "simulate", "tools"}), (trainphys.laws, trainphys.laws.__all__)]
print(json.dumps([name for door, names in doors for name in names if not callable(getattr(door, name))]))
"""
    program = program.replace("trainphys.ensemble)", "importlib.import_module('trainphys.ensemble'))")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


def test_the_doors_import_nothing_slow():
    """Names are loaded when they are used: hundredths of a second, not seconds."""
    assert not loaded("import trainphys; trainphys.laws, trainphys.simulate, trainphys.tools") & SLOW
    assert not loaded("import trainphys; trainphys.laws.harmonic_success") & {"torch", "sklearn", "pandas", "numba"}


def test_a_batch_size_is_chosen_without_slow_packages():
    """A name and a call, result and refusal included; scipy.stats alone takes longer than all that is needed."""
    program = """
from trainphys import Infeasible, LeastEnergy, PowerLimit, operating_point
row = {"learning_rate": 0.1, "step_time_s": 0.01, "power_W": 50.0}
rows = [row | {"batch_size": b, "steps": k * (50 + 5000 / b)} for b in (8, 32, 128, 512, 2048) for k in (0.98, 1.02)]
assert operating_point(rows, LeastEnergy()).energy_J.value > 0
try:
    operating_point(rows, PowerLimit(20.0))
except Infeasible:
    pass
"""
    slow = SLOW - {"scipy"} | {"scipy.stats", "scipy.interpolate"}
    assert not loaded(f"exec({program!r})") & slow


def test_unknown_names_and_the_version():
    assert (
        trainphys.__version__ == re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text("utf8"), re.M)[1]
    )
    with pytest.raises(AttributeError, match="no_such_tool"):
        trainphys.no_such_tool  # noqa: B018


def test_a_law_is_not_keyed_by_what_its_door_offers():
    """The stubs are no modules: a result that one law gave does not age when another law changes."""
    assert modules_behind(["trainphys.laws.clock"]) == [
        "trainphys",
        "trainphys.arrays",
        "trainphys.laws",
        "trainphys.laws.clock",
    ]


def test_the_readme_runs():
    """Its block of code, and every call of its table on a small model."""
    text = (ROOT / "README.md").read_text("utf8")
    (block,) = re.findall(r"```python\n(.*?)```", text, re.S)
    exec(block, {})
    setting = """
import numpy as np, torch, trainphys
from trainphys.tools.schedules.shapes import cosine_decay as shape
torch.manual_seed(0)
model, loss = torch.nn.Linear(3, 1), torch.nn.MSELoss()
inputs = torch.randn(256, 3)
data = inputs, inputs.sum(1, keepdim=True) + torch.randn(256, 1)
sizes = (8.0, 32.0, 128.0, 512.0, 2048.0)
updates = [trainphys.Estimate(50 + 5000 / b, 1.0, 9) for b in sizes]
measured = trainphys.Measured(
    sizes, tuple(updates), (0.1,) * 5, trainphys.StepTime(1e-3), trainphys.PowerModel(40.0, 0.1)
)
limit = trainphys.LeastEnergy()
optimizer, total_steps, updates = torch.optim.SGD(model.parameters(), lr=0.1), 100, 100
history, target = 0.5 * 0.9 ** np.arange(40), 1e-4
"""
    scope: dict[str, object] = {}
    exec(setting, scope)
    calls = re.findall(r"\| `(trainphys\..*?\))` \|", text)
    assert len(calls) == 10
    for call in calls:
        assert eval(call, scope) is not None, call
    for door, name in re.findall(r"`(trainphys(?:\.laws)?)\.(\w+)\(", text):
        assert name in DOORS[door].__all__, name


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("cheapest_batch_size", ([100.0, 200.0], 40.0, 0.1), r"critical_batch_size, got \[100.0, 200.0\]"),
        ("contraction_factor", (None,), "rate, got None"),
        ("update_frequency", (0.1, "0.9"), "momentum, got '0.9'"),
        ("constant_speed_schedule", (None, 1.0, [0.1], 10.0), r"end, got \[0.1\]"),
    ],
)
def test_a_law_of_one_number_says_so(name, arguments, words):
    with pytest.raises(ValueError, match=f"expected (one number|real numbers) {words}"):
        getattr(trainphys.laws, name)(*arguments)


def test_a_law_still_broadcasts_and_wants_its_arguments():
    assert trainphys.laws.harmonic_success(3.0, np.ones(1)).shape == (1,)
    with pytest.raises(TypeError, match="missing a required argument: 'critical_batch_size'"):
        trainphys.laws.steps_to_target(8, 50)
    assert trainphys.laws.steps_to_target is trainphys.laws.steps_to_target
