"""Everything that a page loads comes from the site itself; and repairs to the pages that the theme makes."""

import importlib.util
import re
import shutil
from pathlib import Path
from typing import Any

ICONS = re.compile(r"<script[^>]*fontawesome\.js[^>]*></script>|<link[^>]*fontawesome[^>]*>")  # site.css has the few
STICKS = re.compile(r'(<span class="math notranslate nohighlight">[^<]*</span>)([,.;:!?)’”]+)')
ICON_FONTS = re.compile(r"@font-face\{[^}]*Font ?Awesome[^}]*\}", re.I)
FORMULAS = re.compile(r"<script>window\.MathJax = .*?</script>|<script[^>]*mathjax/[^>]*></script>", re.S)
MATHJAX = ("tex-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions")


def setup(app: Any) -> None:
    app.connect("config-inited", drop_thebe)
    app.connect("html-page-context", mend_body, priority=900)
    app.connect("build-finished", finish, priority=900)


def drop_thebe(app: Any, config: Any) -> None:
    """Thebe, which we do not use, would name another host on every page."""
    for listeners in app.events.listeners.values():
        listeners[:] = [x for x in listeners if not x.handler.__module__.startswith("sphinx_thebe")]
    app.registry.css_files[:] = [c for c in app.registry.css_files if "thebe" not in str(c[0])]


def mend_body(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Faults for screen readers: list roles and empty header cells; and a comma that begins a line."""
    if body := context.get("body"):
        body = body.replace(' role="doc-biblioentry"', ' role="listitem"')
        body = STICKS.sub(r'<span class="sticks">\1\2</span>', body)
        context["body"] = re.sub(r"<th([^>]*)>\s*(<p>\s*</p>)?\s*</th>", r"<td\1></td>", body)


def finish(app: Any, exception: Exception | None) -> None:
    if exception is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    _copy_mathjax(site / "_static/mathjax")
    shutil.rmtree(site / "_static/vendor/fontawesome", ignore_errors=True)
    for junk in ("*.js.map", "*.css.map", "*macros.html", "fontawesome.js*"):
        for path in (site / "_static").rglob(junk):
            path.unlink()
    for path in (site / "_static/styles").glob("*.css"):
        path.write_text(ICON_FONTS.sub("", path.read_text("utf8")), "utf8")
    for path in site.rglob("*.html"):
        text = path.read_text("utf8")
        # the sidebar is a landmark of its own, and needs a name
        new = ICONS.sub("", text)
        if 'class="math' not in new:
            new = FORMULAS.sub("", new)
        new = re.sub(r'(<div[^>]*class="bd-sidebar-primary[^"]*")', r'\1 role="complementary" aria-label="Book"', new)
        if new != text:
            path.write_text(new, "utf8")
    _index(site / "index.html", app.config.html_title, app.config.html_baseurl)
    _not_found(site / "404.html", app.config.html_title, app.config.html_baseurl or "/")


def _copy_mathjax(to: Path) -> None:
    spec = importlib.util.find_spec("sphinx-mathjax-offline")
    if spec is None or spec.origin is None:
        raise RuntimeError("expected the package sphinx-mathjax-offline, found none: run make book")
    source = Path(spec.origin).parent / "static/mathjax"
    for name in MATHJAX:
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, to / name, dirs_exist_ok=True)
        else:
            shutil.copy(source / name, to / name)


def _index(path: Path, title: str, base: str) -> None:
    """A whole page where the builder leaves a bare redirection."""
    if not path.is_file() or len(text := path.read_text("utf8")) > 300:
        return
    match = re.search(r"url=([^\"]+)", text)
    if match is None:
        raise RuntimeError(f"expected a redirection in {path}, got {text!r}")
    url = match.group(1)
    path.write_text(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<link rel="icon" href="data:,"><meta http-equiv="refresh" content="0; url={url}">'
        f'<link rel="canonical" href="{base}{url}"></head><body><p><a href="{url}">{title}</a></p></body></html>\n',
        "utf8",
    )


def _not_found(path: Path, title: str, base: str) -> None:
    """What a host shows for an address that does not exist; it stands at any depth, so it loads nothing."""
    path.write_text(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Not found · {title}</title>'
        '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><style>'
        "body{font:1.1rem/1.6 sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem}"
        "@media (prefers-color-scheme:dark){body{background:#121212;color:#ddd}a{color:#8ab4f8}}</style></head><body>"
        f'<h1>No such page</h1><p>There is no page at this address of <a href="{base}">{title}</a>. '
        "Claims have names such as A4.1a; the ledger, to which its first page leads, lists all of them."
        "</p></body></html>\n",
        "utf8",
    )
