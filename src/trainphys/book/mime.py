"""What MyST-NB loads in every project that has this package installed: light, and silent for all outputs but ours."""

from importlib import import_module
from typing import Any, ClassVar

CLAIM_MIME = "application/vnd.trainphys.claim+json"
FIGURE_MIME = "application/vnd.trainphys.figure+json"


class ClaimRenderer:
    """A verdict as a card."""

    mime_priority_overrides: ClassVar = [("*", CLAIM_MIME, 1)]

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> list[Any] | None:
        return None if inline or data.mime_type != CLAIM_MIME else _render().claim(renderer.renderer, data.content)


class FigureRenderer:
    """A picture with number, anchor, caption, files and citation."""

    mime_priority_overrides: ClassVar = [("*", FIGURE_MIME, 1)]

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> list[Any] | None:
        return None if inline or data.mime_type != FIGURE_MIME else _render().figure(renderer.renderer, data.content)


def _render() -> Any:
    return import_module("trainphys.book.site.render")
