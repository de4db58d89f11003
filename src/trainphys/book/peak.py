"""How much memory a chapter takes at most: a last cell asks its kernel, and the answer goes into the run's note."""

import copy
import re
from pathlib import Path

import nbformat

LIMIT_MB = 1200  # of a chapter: the whole book runs on a small laptop, and two chapters at a time beside a browser
STATUS = Path("/proc/self/status")
ASKS = "from trainphys.book.peak import tell; tell()"


def tell() -> None:
    """Print the largest resident size that this process has had, in kB; nothing where the system does not know it."""
    if STATUS.is_file():
        print(re.search(r"VmHWM:\s*(\d+) kB", STATUS.read_text("utf8"))[1])  # type: ignore[index]


def asking(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with the cell that asks at its end."""
    asked = copy.deepcopy(notebook)
    asked.cells.append(nbformat.v4.new_code_cell(ASKS))
    return asked


def answered(executed: Path) -> float | None:
    """Take the last cell off an executed notebook: what it printed, in MB of a million bytes; None if nothing."""
    notebook = nbformat.read(executed, as_version=4)
    printed = "".join(output.get("text", "") for output in notebook.cells.pop().outputs)
    nbformat.write(notebook, executed)
    return round(int(printed) * 1024 / 1e6) if printed else None
