"""Addresses and title come from ``book/project.yml``; a page says what it was made from; nothing is executed here."""

from pathlib import Path
from typing import Any

from trainphys.book import origin, project

NEEDS_ADDRESS = ("sphinxext.opengraph", "sphinx_sitemap")
NO_PAGES = ["search.html", "genindex.html"]  # nothing that a search engine should show


def setup(app: Any) -> None:
    app.connect("config-inited", apply_settings, priority=10)
    if project.settings(Path(app.srcdir)).site_url:
        for extension in NEEDS_ADDRESS:
            app.setup_extension(extension)
    refuse_execution()


def apply_settings(app: Any, config: Any) -> None:
    """Links to the repository appear only when the repository has an address."""
    root = Path(app.srcdir)
    known = project.settings(root)
    config.project = known.title
    config.author = known.authors
    config.copyright = f"{known.year}, {known.authors}"
    config.version = config.release = known.version
    foot = f"<p>{origin.words(origin.origin(root), known.repository_url)}</p>"
    config.html_theme_options = {**config.html_theme_options, "extra_footer": foot}
    if known.site_url:
        config.html_baseurl = config.ogp_site_url = known.base
        config.ogp_social_cards = {"enable": False}  # the figure that leads is the picture
        config.sitemap_url_scheme = "{link}"
        config.sitemap_excludes = NO_PAGES
    if not known.repository_url:
        return
    config.html_theme_options = {
        **config.html_theme_options,
        "repository_url": known.repository_url,
        "use_repository_button": True,
        "use_issues_button": True,
        "repository_branch": known.branch,
    }


def refuse_execution() -> None:
    """A chapter that is missing from the cache stops the build instead of being run a second time."""
    import myst_nb.core.execute.cache as builder

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("expected every chapter to be executed already, got one that is not: run make book")

    builder.single_nb_execution = refuse
