"""What is not installed, said with the line that cures it."""

import importlib.util

EXTRAS = {"torch": "torch", "matplotlib": "plot", "distributed": "cluster", "dask": "cluster", "zeus": "energy"}
# all other ones: the book
WITH_TORCH = {
    "ProbeRecorder",
    "ShapedLR",
    "gradient_covariance_trace",
    "hessian_trace",
    "noise_scale",
    "probe",
    "probe_cost",
    "self_check",
    "sgd_temperature",
    "sharpness",
}


def installed(names: list[str]) -> list[str]:
    """The names of the front door that can be reached: ``help`` and a star import ask for each of them.

    >>> installed(["laws", "operating_point"])
    ['laws', 'operating_point']
    """
    try:
        found = importlib.util.find_spec("torch")
    except Exception:  # kept out by a hook that raises, or a bare module in its place: the rest works without it
        found = None
    absent = set() if found else WITH_TORCH
    return [name for name in names if name not in absent]


def cure(error: ModuleNotFoundError, what: str) -> str:
    """Words for a package that is missing.

    >>> cure(ModuleNotFoundError(name="torch"), "trainphys.sharpness")
    "expected torch for trainphys.sharpness, found none: pip install 'trainphys[torch]'"
    """
    package = (error.name or "").split(".")[0]
    return f"expected {package} for {what}, found none: pip install 'trainphys[{EXTRAS.get(package, 'book')}]'"
