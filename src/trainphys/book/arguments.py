"""What the commands are given: the clone, chapters and their parameters."""

from pathlib import Path
from typing import Any

import click
import yaml

from trainphys import provenance
from trainphys.book import project
from trainphys.book.chapters import Chapter, find_chapters


def root() -> Path:
    """The clone that the command is for: one whose own package runs.

    Raises:
        click.ClickException: there is none, or chapters would run with the package of another.
    """
    try:
        found = project.root()
    except FileNotFoundError as error:
        raise click.ClickException(str(error)) from error
    own, imported = found / "src/trainphys", Path(provenance.__file__).parent
    if own.is_dir() and not own.samefile(imported):
        raise click.ClickException(
            f"expected the package of this clone, {own}, got {imported}: a copy of a clone needs an environment of its "
            "own; remove its .venv and run make book"
        )
    if set(str(found)) & set("%?"):  # jupyter-cache makes an address of it, in which they mean something
        raise click.ClickException(f"expected a path without % and ?, got {found}: move the clone")
    return found


def parameters(given: tuple[str, ...]) -> dict[str, Any]:
    """``seed=7`` as a name and a value, read as YAML."""
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise ValueError(f"expected NAME=VALUE such as seed=7, got {text!r}")
        try:
            found[name] = _number(yaml.safe_load(value))
        except yaml.YAMLError as error:
            raise ValueError(f"expected NAME=VALUE such as seed=7, got {text!r}: {error}") from error
    return found


def _number(value: Any) -> Any:
    """YAML takes 1e-7, which has no point, for a text."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def chosen(root: Path, names: tuple[str, ...]) -> list[Chapter]:
    """Chapters of these names, numbers or parts; all of them when there is none."""
    known = find_chapters(root)
    for name in names:
        if not any(_is_called(chapter, name) for chapter in known):
            listed = ", ".join(c.name for c in known)
            raise click.BadParameter(f"expected chapters or parts of {listed}; got {name}")
    return [c for c in known if not names or any(_is_called(c, name) for name in names)]


def _is_called(chapter: Chapter, name: str) -> bool:
    return name in (chapter.name, chapter.number) or chapter.name.startswith((f"{name}/", f"{name}-"))
