"""A book of one small chapter, with the real book's configuration, for tests to spoil."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
import yaml
from hypothesis import settings

from tests import warm_python

# As in the Makefile, for who calls pytest by hand: on a busy machine a second thread makes small products far slower.
# And the suite runs on all cores already: a sweep's own processes would import and compile everything once more.
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "TRAINPHYS_WORKERS"):
    os.environ.setdefault(name, "1")

# A first call may compile for seconds; a failure must come from the example, never from a busy machine.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

ROOT = Path(__file__).resolve().parents[1]
COMMAND = "import sys; from trainphys.book.__main__ import main; main(sys.argv[1:])"
CHAPTER = "power/7-practical-curve"
NOT_IN_TOY = ("book/how-fast", "book/reference", "book/document-b", "book/document-c", "book/changes")
TOY = """\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {name: python3, display_name: Python 3, language: python}
trainphys:
  timeout: 60
  finding: The toy law holds.
  quick: {draws: 50}
---
# Toy

**Found:** the mean is {glue:text}`mean:.2f`.

## Simulated

```{code-cell} ipython3
import pandas as pd
from matplotlib import pyplot as plt

from trainphys.book import Claim, figure, glue
from trainphys.ensemble.streams import stream
from trainphys.estimate import Estimate
```

```{code-cell} ipython3
:tags: [parameters]
seed = 0
draws = 4000
```

```{code-cell} ipython3
x = stream(seed, "toy").normal(1.0, 0.1, draws)
glue(mean=x.mean())
claim = Claim("A7.1a")
claim.compare(quantity="mean", at={"draws": draws}, measured=Estimate.from_samples(x), stated=1.0, corrected=1.0)
```

```{code-cell} ipython3
fig, ax = plt.subplots(layout="constrained")
data = pd.DataFrame({"draw": range(50), "x": x[:50]})
ax.plot(data.draw, data.x)
figure("power-7-toy", fig, data=data, caption="Draws of $x$.",
       alt="The draws scatter evenly around one, without a trend.", claims=("A7.1a",))
```

{numref}`power-7-toy` shows the draws.

```{code-cell} ipython3
claim.verdict()
```
"""


@dataclass(frozen=True)
class Project:
    """A copy of the book that a test may spoil."""

    root: Path

    @property
    def chapter(self) -> Path:
        return self.root / f"notebooks/{CHAPTER}.md"

    def edit(self, path: str, old: str, new: str) -> None:
        """Plant something; the place must exist."""
        file = self.root / path
        text = file.read_text("utf8")
        assert old in text, f"{path} has no {old!r}"
        file.write_text(text.replace(old, new, 1), "utf8")

    def environment(self) -> dict[str, str]:
        source = self.root / "src"
        extra = {"PYTHONPATH": str(source)} if source.is_dir() else {}
        return {
            **os.environ,
            "TRAINPHYS_ROOT": str(self.root),
            "TRAINPHYS_KEPT": str(self.root / "_build/kept"),
            **extra,
        }

    def book(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command; the book's own sources, where it has them, need an interpreter that has not imported others."""
        if not (self.root / "src").is_dir():
            return warm_python.run(COMMAND, arguments, self.root, self.environment())
        command = [sys.executable, "-m", "trainphys.book", *arguments]
        return subprocess.run(
            command, cwd=self.root, env=self.environment(), capture_output=True, text=True, check=False
        )

    def started(self, *arguments: str) -> BaseProcess:
        """A command that a test may kill."""
        return warm_python.start(COMMAND, arguments, self.root, self.environment())

    def fails(self, *arguments: str) -> str:
        """What the command printed; it must have failed."""
        done = self.book(*arguments)
        assert done.returncode != 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def succeeds(self, *arguments: str) -> str:
        done = self.book(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


def copy_book(to: Path) -> Project:
    """The real book's sources, without what was built."""
    for name in ("_config.yml", "_toc.yml", "requirements.lock"):
        shutil.copy(ROOT / name, to / name)
    (to / "benchmarks").mkdir()
    shutil.copy(ROOT / "benchmarks/results.json", to / "benchmarks/results.json")
    for name in ("book", "notebooks", "src"):
        shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
    return Project(to)


@pytest.fixture
def book(tmp_path: Path) -> Project:
    return copy_book(tmp_path)


@pytest.fixture(scope="session")
def toy_template(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The toy, with its chapter already executed."""
    project = copy_book(tmp_path_factory.mktemp("toy"))
    shutil.rmtree(project.root / "notebooks")
    shutil.rmtree(project.root / "src")
    project.chapter.parent.mkdir(parents=True)
    project.chapter.write_text(TOY, "utf8")
    toc = yaml.safe_load((project.root / "_toc.yml").read_text("utf8"))
    others = ("notebooks/", "book/tools")  # pages of tools link to the chapters of the real book
    toc["parts"] = [part for part in toc["parts"] if not part["chapters"][0]["file"].startswith(others)]
    for part in toc["parts"]:  # pages that take their time, and that no test of the toy looks at
        part["chapters"] = [page for page in part["chapters"] if page["file"] not in NOT_IN_TOY]
    toc["parts"].insert(1, {"caption": "A", "numbered": True, "chapters": [{"file": f"notebooks/{CHAPTER}"}]})
    (project.root / "_toc.yml").write_text(yaml.safe_dump(toc, sort_keys=False), "utf8")
    start, handbook = project.root / "book/start.md", project.root / "book/handbook.yml"
    start.write_text(re.sub(r"```\{finding\}.*?```\n", "", start.read_text("utf8"), flags=re.S), "utf8")
    handbook.write_text('[{question: "Which mean?", answer: "One.", claims: [A7.1a]}]\n', "utf8")
    for path in (project.root / "book/claims").glob("*.yml"):
        entries = yaml.safe_load(path.read_text("utf8"))
        for entry in entries:
            entry["expected"] = "holds" if entry["id"] == "A7.1a" else "pending"
            for key in ("condition", "missing", "universal", "in_words"):
                entry.pop(key, None)
            entry.update(reason="A toy.", corrected="$x$")
            if entry["id"] == "A7.1a":
                entry.update(reason="The mean is what it is.", corrected="The mean is $1$.")
        path.write_text(yaml.safe_dump(entries, sort_keys=False, allow_unicode=True), "utf8")
    project.succeeds("run")
    return project


@pytest.fixture
def toy(toy_template: Project, tmp_path: Path) -> Project:
    shutil.copytree(toy_template.root, tmp_path / "toy")
    return Project(tmp_path / "toy")


@pytest.fixture(scope="session")
def built_template(toy_template: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The toy, with its site already rendered."""
    project = Project(tmp_path_factory.mktemp("built") / "toy")
    shutil.copytree(toy_template.root, project.root)
    project.succeeds("build")
    return project


@pytest.fixture
def built(built_template: Project, tmp_path: Path) -> Project:
    shutil.copytree(built_template.root, tmp_path / "built")
    return Project(tmp_path / "built")
