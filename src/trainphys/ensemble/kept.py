"""Runs that are computed once and kept on disk."""

from collections.abc import Callable
from typing import Any, TypeVar

import joblib
from filelock import FileLock

from trainphys.ensemble import checked_file
from trainphys.ensemble.named import modules_in
from trainphys.provenance import edited, source_digest

Result = TypeVar("Result")


def kept(function: Callable[..., Result], /, **parameters: Any) -> Result:
    """``function(**parameters)``, computed once and read from disk after that.

    The key is the function's name, its parameters (seed included) and the code of every module behind it, so a
    changed formula is never answered by an old file; what a process computes whose sources were edited since it began
    is not kept. ``cluster`` is not in the key: it says where, not what. A damaged file is noticed by its checksum and
    computed again. Who asks while another process computes waits for its result; a process that dies lets go of the
    lock. The folder is the environment's ``TRAINPHYS_KEPT``, else the user's cache folder.

    Args:
        function: importable function of this package whose result depends on its keyword arguments alone.

    Raises:
        ValueError: the function is not importable from this package, or a parameter brings code that is not of it.
        PermissionError: others can write to the folder.
    """
    if "<" in function.__qualname__ or not function.__module__.startswith("trainphys."):
        raise ValueError(f"expected a function at the top of a trainphys module, got {function.__qualname__}: move it")
    name = f"{function.__module__}.{function.__qualname__}"
    what = sorted((key, value) for key, value in parameters.items() if key != "cluster")
    modules = modules_in(what)
    if modules is None:
        raise ValueError(f"expected parameters of {name} that bring no code from elsewhere, got {parameters}")
    key = joblib.hash((name, what, source_digest([function.__module__, *modules])))
    path = checked_file.folder() / f"{name}-{key}.pkl"
    with FileLock(path.with_suffix(".lock")):
        found = checked_file.load(path)
        if found is not None:
            return found[0]  # type: ignore[no-any-return]
        result = function(**parameters)
        if not edited([function.__module__, *modules]):
            checked_file.save(path, result)
    return result
