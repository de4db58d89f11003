"""Where the project's files are, and the few settings that its pages share."""

import functools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


def root() -> Path:
    """The project's folder: the environment's ``TRAINPHYS_ROOT``, else the nearest one above that holds the book.

    Raises:
        FileNotFoundError: no folder above the working directory holds ``_toc.yml`` and ``book/claims``.
    """
    if named := os.environ.get("TRAINPHYS_ROOT"):
        return Path(named)
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / "_toc.yml").is_file() and (folder / "book/claims").is_dir():
            return folder
    raise FileNotFoundError(f"expected the book's sources above {Path.cwd()}, found none: run inside a clone")


def sources() -> Path:
    """The folder that holds the claims: the project's, else what the installed package carries with it.

    Raises:
        FileNotFoundError: neither a clone above nor claims in the package.
    """
    try:
        return root()
    except FileNotFoundError:
        here = Path(__file__).resolve()
        for folder in (here.parent / "shipped", here.parents[3]):  # of a wheel, and of an editable install
            if (folder / "book/claims").is_dir():
                return folder
        raise


class SourceError(ValueError):
    """A source of the book that cannot be read; the message names the file and the place."""


READER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the first, where it was compiled, is ten times as fast


def read_yaml(path: Path) -> Any:
    """What a file of the book says.

    Raises:
        SourceError: it is no YAML.
    """
    try:
        with path.open(encoding="utf8") as file:
            return yaml.load(file, READER)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SourceError(f"expected YAML in {path}, got: {error}") from error


@dataclass(frozen=True, slots=True)
class Settings:
    """Title, authors and addresses; an empty address means that no link to it is made."""

    title: str
    authors: str
    version: str
    year: int
    repository_url: str
    site_url: str
    doi: str
    licence: str  # of text, figures and ledger; the code's is in pyproject.toml
    branch: str = "main"
    notebooks_branch: str = "notebooks"

    @property
    def base(self) -> str:
        """The site's address with one slash at its end; empty while there is none."""
        return f"{self.site_url.rstrip('/')}/" if self.site_url else ""


def settings(folder: Path | None = None) -> Settings:
    path = (folder or root()) / "book/project.yml"
    return _settings(path, path.stat().st_mtime_ns, path.stat().st_size)


@functools.lru_cache(maxsize=16)
def _settings(path: Path, changed: int, size: int) -> Settings:
    """Read once as long as the file stays as it is: a page asks for it with every figure that it cites."""
    return Settings(**read_yaml(path))


NEEDED = {"id", "kind", "statement", "expected"}  # of every claim


@functools.cache
def documents(folder: Path) -> dict[str, Any]:
    """Titles, headings and formulas of the three documents, by letter."""
    return dict(read_yaml(folder / "book/documents.yml"))


PARTS = {"A": "power", "B": "cooling", "C": "distance"}


@functools.cache
def claims(folder: Path) -> dict[str, dict[str, Any]]:
    """Every claim of ``book/claims``, by id, in the documents' order."""
    found: dict[str, dict[str, Any]] = {}
    for letter in PARTS:
        file = folder / f"book/claims/{letter}.yml"
        for entry in read_yaml(file) or []:
            if not (isinstance(entry, dict) and entry.keys() >= NEEDED):
                raise SourceError(f"expected claims with {', '.join(sorted(NEEDED))} in {file}, got {entry}")
            if entry["id"] in found:
                raise SourceError(f"expected each claim once, got {entry['id']} twice in book/claims/{letter}.yml")
            found[entry["id"]] = {**entry, "source": source_of(entry["id"])}
    return found


def source_of(claim_id: str) -> str:
    """Document and section of a claim.

    >>> source_of("B7.1c")
    'B, section 7.1'
    """
    return f"{claim_id[0]}, section {claim_id[1:].rstrip('abcdefghijklmnopqrstuvwxyz')}"
