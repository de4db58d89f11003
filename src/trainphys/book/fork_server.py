"""Kernels forked from one process that has imported the slow packages: a second each, not several.

Run as a script, with the standard library alone, because every start of a kernel pays for what this file imports:
``fork_server.py serve SOCKET MODULE...`` imports the modules and forks a kernel for each request on the socket, until
its standard input is closed: when the process that started it dies, however it dies, so do the server and its kernels.
``fork_server.py start ARGUMENT...`` asks for a kernel, passes signals on to it, and ends with it.
"""

import contextlib
import importlib
import json
import os
import select
import signal
import socket
import sys

SOCKET = "TRAINPHYS_FORK_SERVER"  # environment variable with the path of the socket
LENGTH = 8  # bytes that say how long a request is


def serve(path: str, modules: list[str]) -> None:
    """Import, say so with a line, and fork until nobody holds the other end of the standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C in the terminal is the runner's to answer
    for name in modules:
        importlib.import_module(name)
    if "pandas" in modules:  # at its import it asks whether it runs in a terminal; a kernel would have said no
        importlib.import_module("pandas").set_option("display.max_columns", 20)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(_near(path))
    listener.listen(64)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the kernels: the system reaps them
    print("ready", flush=True)
    while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            _become_kernel(connection)
        connection.close()
    import shutil  # here, since nobody else needs it: whoever started us died, and cannot tidy up

    shutil.rmtree(os.path.dirname(path), ignore_errors=True)


def _near(path: str) -> str:
    """The same file by a short name: the system takes no socket's path of more than a hundred letters."""
    return f"/proc/self/fd/{os.open(os.path.dirname(path), os.O_RDONLY)}/{os.path.basename(path)}"


def _become_kernel(connection: socket.socket) -> None:
    """Take over the asking process's environment, folder and streams. The connection closes with the kernel."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    length, streams, _, _ = socket.recv_fds(connection, LENGTH, 3)
    with connection.makefile("rb") as sent:
        request = json.loads(sent.read(int.from_bytes(length)))
    os.setsid()
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    sys.argv = ["ipykernel_launcher", *request["arguments"]]
    connection.sendall(str(os.getpid()).encode())
    from ipykernel.kernelapp import launch_new_instance

    # The kernel ends with its parent, this server; pyplot was imported before there was a shell to be told of it.
    more = [f"--IPKernelApp.parent_handle={os.getppid()}", "--matplotlib=inline"]
    code = 1
    with contextlib.suppress(SystemExit):
        launch_new_instance(argv=[*request["arguments"], *more])
        code = 0
    os._exit(code)


def start(arguments: list[str]) -> None:
    """Ask the server for a kernel and stand for it: its signals are passed on, and its end is ours."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(_near(os.environ[SOCKET]))
    request = {"arguments": arguments, "folder": os.getcwd(), "environment": dict(os.environ)}
    message = json.dumps(request).encode()
    socket.send_fds(connection, [len(message).to_bytes(LENGTH)], [0, 1, 2])
    connection.sendall(message)
    kernel = int(connection.recv(32))

    def forward(number: int, _: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(kernel, number)  # and the processes that it started

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, forward)
    while connection.recv(1):  # nothing is ever sent: it returns when the kernel has ended
        pass


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    if command == "serve":
        serve(rest[0], rest[1:])
    else:
        start(rest)
