"""What is missing is said with the line that cures it."""

import subprocess
import sys

import pytest

import trainphys
from trainphys.extras import WITH_TORCH, cure

BLOCKED = """
import sys
for name in {blocked!r}:
    sys.modules[name] = None
{program}
"""


def run(program, *blocked):
    text = BLOCKED.format(blocked=blocked, program=program)
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("package", "extra"),
    [
        ("torch.nn", "torch"),
        ("distributed", "cluster"),
        ("zeus", "energy"),
        ("matplotlib.pyplot", "plot"),
        ("papermill", "book"),
    ],
)
def test_each_package_has_its_extra(package, extra):
    words = cure(ModuleNotFoundError(name=package), "x")
    assert words == f"expected {package.split('.')[0]} for x, found none: pip install 'trainphys[{extra}]'"


def test_without_torch_a_tool_says_what_to_install_and_the_laws_work():
    done = run("import trainphys; trainphys.sharpness", "torch")
    assert done.returncode == 1
    assert "expected torch for trainphys.sharpness, found none: pip install 'trainphys[torch]'" in done.stderr
    done = run("import trainphys; print(trainphys.laws.harmonic_success(beta_eps=3.0, dimension=10) > 0)", "torch")
    assert done.stdout == "True\n", done.stderr


def test_without_torch_the_help_and_a_star_import_leave_out_what_needs_it():
    done = run("import trainphys; help(trainphys)", "torch")
    assert done.returncode == 0, done.stderr
    assert "operating_point(" in done.stdout
    assert "sharpness(" not in done.stdout
    assert "pip install 'trainphys[torch]'" in done.stdout
    done = run("from trainphys import *; import trainphys; print(*trainphys.__all__, *dir(trainphys))", "torch")
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == set(trainphys.__all__) - WITH_TORCH


HOOK = """
class Hook:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "torch":
            raise {error}("torch is kept out")
sys.meta_path.insert(0, Hook())
"""


@pytest.mark.parametrize(
    "without",
    [HOOK.format(error="ImportError"), HOOK.format(error="RuntimeError"), "sys.modules['torch'] = type(sys)('torch')"],
)
def test_where_torch_is_kept_out_in_another_way_the_laws_work_and_its_tools_are_not_listed(without):
    done = run(without + "\nimport trainphys; trainphys.laws.harmonic_success; print(*trainphys.__all__)")
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == set(trainphys.__all__) - WITH_TORCH


def test_what_needs_torch_is_what_is_not_reached_without_it():
    program = """
import trainphys
from trainphys.extras import WITH_TORCH
for name in %r:
    try:
        getattr(trainphys, name)
    except ModuleNotFoundError:
        print(name)
"""
    done = run(program % trainphys.__all__, "torch")
    assert set(done.stdout.split()) == WITH_TORCH, done.stderr


def test_without_the_books_packages_the_command_says_what_to_install():
    done = run("import runpy; runpy.run_module('trainphys.book', run_name='__main__')", "click")
    assert done.stderr.strip() == "expected click for trainphys.book, found none: pip install 'trainphys[book]'"


def test_a_name_that_does_not_exist_stays_an_attribute_error():
    with pytest.raises(AttributeError):
        trainphys.nothing  # noqa: B018
