"""What is not installed, said with the line that cures it."""

EXTRAS = {"torch": "torch", "matplotlib": "plot", "distributed": "cluster", "dask": "cluster", "zeus": "energy"}
# all other ones: the book


def cure(error: ModuleNotFoundError, what: str) -> str:
    """Words for a package that is missing.

    >>> cure(ModuleNotFoundError(name="torch"), "trainphys.sharpness")
    "expected torch for trainphys.sharpness, found none: pip install 'trainphys[torch]'"
    """
    package = (error.name or "").split(".")[0]
    return f"expected {package} for {what}, found none: pip install 'trainphys[{EXTRAS.get(package, 'book')}]'"
