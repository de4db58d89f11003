"""Programs in processes of their own that inherit what the book imports, and so start at once."""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["trainphys.book.commands"])


def run(
    program: str, arguments: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """What ``python -c PROGRAM ARGUMENTS`` returns and prints."""
    with tempfile.TemporaryDirectory() as printed:
        process = start(program, arguments, folder, environment, Path(printed))
        process.join()
        out, err = (Path(printed, name).read_text("utf8") for name in ("1", "2"))
        return subprocess.CompletedProcess(arguments, process.exitcode or 0, out, err)


def start(
    program: str, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], printed: Path | None = None
) -> BaseProcess:
    """The process, which leads a group; what it prints goes to files in a folder, or nowhere."""
    process = SERVER.Process(target=_execute, args=(program, list(arguments), folder, dict(environment), printed))
    process.start()
    return process


def _execute(
    program: str, arguments: list[str], folder: Path, environment: dict[str, str], printed: Path | None
) -> None:
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for stream in (1, 2):
        with open(printed / str(stream) if printed else os.devnull, "wb") as file:
            os.dup2(file.fileno(), stream)
    sys.argv = ["-c", *arguments]
    exec(program, {"__name__": "__main__"})
