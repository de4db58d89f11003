"""The server that kernels are forked from: when it is started, what kernels are told, and what is tidied up."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from trainphys.book import fork_server, kernels

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
NAMES = (fork_server.SOCKET, "JUPYTER_PATH")


@pytest.mark.parametrize(("chapters", "platform"), [(kernels.WORTH_IT - 1, "linux"), (99, "darwin")])
def test_few_chapters_and_other_systems_have_kernels_of_their_own(monkeypatch, chapters, platform):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(kernels.subprocess, "Popen", lambda *_, **__: pytest.fail("started"))
    with kernels.kernel_name(chapters) as name:
        assert name == "python3"


@pytest.mark.parametrize("name", kernels.PRELOADED)
def test_what_the_server_imports_is_there_to_be_imported(name):
    assert importlib.util.find_spec(name)


@pytest.mark.parametrize("before", [None, "/elsewhere"])
def test_the_server_is_there_while_chapters_run_and_its_address_with_it(monkeypatch, before):
    monkeypatch.setattr(kernels, "PRELOADED", ("json",))
    for name in NAMES:
        monkeypatch.delenv(name, raising=False) if before is None else monkeypatch.setenv(name, before)
    with kernels.kernel_name(kernels.WORTH_IT) as name:
        assert name == "forked"
        socket = Path(os.environ[fork_server.SOCKET])
        assert socket.is_socket()
        assert os.environ["JUPYTER_PATH"].split(os.pathsep) == [str(socket.parent), *filter(None, [before])]
        spec = json.loads((socket.parent / "kernels/forked/kernel.json").read_text())
        assert spec["argv"][0] == sys.executable
        assert spec["argv"][-4:] == [fork_server.__file__, "start", "-f", "{connection_file}"]
        assert spec["language"] == "python"
    assert not socket.parent.exists()
    assert [os.environ.get(name) for name in NAMES] == [before, before]


def test_a_long_temporary_folder_will_do(monkeypatch, tmp_path):
    """The system takes no socket's path of more than 107 letters."""
    monkeypatch.setattr(kernels, "PRELOADED", ("json",))
    folder = tmp_path / ("a" * 120)
    folder.mkdir()
    monkeypatch.setattr(kernels.tempfile, "tempdir", str(folder))
    with kernels.kernel_name(kernels.WORTH_IT) as name:
        assert name == "forked"
        assert Path(os.environ[fork_server.SOCKET]).is_socket()
    assert list(folder.iterdir()) == []


def test_the_server_takes_its_folder_with_it_when_its_runner_dies(tmp_path):
    folder = tmp_path / "kernels"
    folder.mkdir()
    command = [sys.executable, "-P", fork_server.__file__, "serve", str(folder / "socket"), "json"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout.readline() == b"ready\n"
        assert (folder / "socket").is_socket()
    assert server.returncode == 0  # its standard input was closed, and nothing else was said
    assert not folder.exists()


def test_a_server_that_cannot_start_says_so_and_leaves_nothing(monkeypatch, capfd):
    monkeypatch.setattr(kernels, "PRELOADED", ("no_such_package",))
    before = [os.environ.get(name) for name in NAMES]
    with (
        pytest.raises(RuntimeError, match="expected the server of kernels to start, it ended with 1"),
        kernels.kernel_name(kernels.WORTH_IT),
    ):
        pytest.fail("started")
    assert "no_such_package" in capfd.readouterr().err
    assert [os.environ.get(name) for name in NAMES] == before
