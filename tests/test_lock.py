"""What the lock fixes, what the package leaves open, and who reads which."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))
LOCK = [Requirement(line) for line in (ROOT / "requirements.lock").read_text("utf8").splitlines() if line.strip()]


def wanted() -> list[Requirement]:
    """What ``make book`` and ``make test`` install; extras outside the lock depend on a machine's devices."""
    extras = SETTINGS["project"]["optional-dependencies"]
    lists = [
        SETTINGS["project"]["dependencies"],
        *(extras[name] for name in ("torch", "plot", "book", "cluster", "dev")),
    ]
    return [r for r in (Requirement(text) for entries in lists for text in entries) if r.name != "trainphys"]


@pytest.mark.parametrize("requirement", wanted(), ids=str)
def test_the_lock_satisfies_the_project(requirement):
    pins = [pin for pin in LOCK if canonicalize_name(pin.name) == canonicalize_name(requirement.name)]
    assert pins, f"{requirement.name} is not in the lock: make lock"
    for pin in pins:
        (specifier,) = pin.specifier
        assert specifier.operator == "=="
        assert requirement.specifier.contains(specifier.version)


def test_the_lock_is_exact_and_names_no_index():
    text = (ROOT / "requirements.lock").read_text("utf8")
    assert not re.search(r"https?:|--|@ ", text)
    assert all([s.operator for s in r.specifier] == ["=="] for r in LOCK)


def test_the_lock_keeps_torch_and_the_package_does_not():
    """Training must give the same bits tomorrow; who installs the package keeps the torch that is there."""
    (kept,) = SETTINGS["tool"]["uv"]["constraint-dependencies"]
    assert [str(pin) for pin in LOCK if pin.name == "torch"] == [kept]
    (asked,) = (r for r in wanted() if r.name == "torch")
    assert [s.operator for s in asked.specifier] == [">="]


def test_jupyter_book_is_pinned_exactly():
    assert {str(r.specifier) for r in wanted() if r.name == "jupyter-book"} == {"==1.0.4.post1"}


def test_conda_and_binder_take_their_versions_from_the_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf8"))
    (pip,) = [d["pip"] for d in environment["dependencies"] if isinstance(d, dict)]
    assert pip == ["-r requirements.lock", "-e ."]
    assert [d for d in environment["dependencies"] if isinstance(d, str)] == ["python=3.11", "pip", "make"]
