"""Numbers of figures and sections, looked up in pages that are read from disk once."""

import functools
from typing import Any


def setup(app: Any) -> None:
    app.connect("env-updated", remember_pages)


def remember_pages(app: Any, env: Any) -> None:
    """Sphinx unpickles the whole page of its target for each ``{numref}``; by now all pages are final."""
    domain, remembered = env.get_domain("std"), functools.cache(env.get_doctree)
    resolve = domain._resolve_numref_xref

    def look_up(env: Any, *arguments: Any) -> Any:
        env.get_doctree = remembered  # for the look-up alone: a page that is written is changed on the way
        try:
            return resolve(env, *arguments)
        finally:
            del env.get_doctree

    domain._resolve_numref_xref = look_up
