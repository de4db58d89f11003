"""How chapters get their kernels: forked from one that has imported the slow packages, where that saves time."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager

from trainphys.book import fork_server

# What most chapters import and what is slow to import. Only packages from elsewhere: a chapter imports our own modules
# itself, as they are when it runs.
PRELOADED = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "matplotlib_inline.backend_inline",
    "matplotlib.pyplot",
    "numba",
    "pandas",
    "scipy.integrate",
    "scipy.optimize",
    "scipy.stats",
    "seaborn",
    "sklearn.ensemble",
    "sklearn.model_selection",
    "sympy",
    "torch",
)
_managers: list["Manager"] = []
WORTH_IT = 4  # chapters; for fewer the server's own imports cost more than they save


class Manager(AsyncKernelManager):
    """Jupyter's manager of one kernel, which ``stop`` finds again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _managers.append(self)


def stop() -> None:
    """End every kernel of this process that is running, with the processes that it started."""
    for manager in _managers.copy():
        process = getattr(manager.provisioner, "process", None)
        if process is not None and process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)  # each leads a group


@contextmanager
def kernel_name(chapters: int) -> Iterator[str]:
    """Name of the kernel to run chapters with, while the server that it may need is there."""
    if chapters < WORTH_IT or sys.platform != "linux":
        yield "python3"
        return
    with tempfile.TemporaryDirectory(prefix="kernels-") as folder:
        _write_spec(Path(folder))
        path = str(Path(folder, "socket"))
        command = [sys.executable, "-P", fork_server.__file__, "serve", path, *PRELOADED]
        before = {name: os.environ.get(name) for name in (fork_server.SOCKET, "JUPYTER_PATH")}
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
            try:
                assert server.stdout is not None
                if server.stdout.readline().strip() != b"ready":
                    raise RuntimeError(f"expected the server of kernels to start, it ended with {server.wait()}")
                os.environ[fork_server.SOCKET] = path
                os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, (folder, before["JUPYTER_PATH"])))
                yield "forked"
            finally:
                server.terminate()
                for name, value in before.items():
                    os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def _write_spec(folder: Path) -> None:
    spec = folder / "kernels/forked/kernel.json"
    spec.parent.mkdir(parents=True)
    command = [sys.executable, "-S", "-E", "-P", fork_server.__file__, "start", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": command, "display_name": "Python 3", "language": "python"}))
