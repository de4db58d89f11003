"""What is done to the site around its pages: links, addresses, repairs of the theme, and nothing from elsewhere."""

import types

import pytest
from docutils import nodes
from docutils.utils import new_document
from sphinx.search import WordCollector
from sphinx.search.en import SearchEnglish

from tests.book.by_hand import a_run, project_file
from trainphys.book import site
from trainphys.book.site import (
    chapters,
    glossary,
    head,
    inventory,
    minus,
    numbering,
    offline,
    reference,
    references,
    search,
    settings,
)


def test_a_chapter_leads_to_its_notebook_and_its_claims(tmp_path, monkeypatch):
    run = a_run(tmp_path)
    title = nodes.title("", "Toy")
    document = nodes.section("", title, nodes.paragraph("", "Prose."), nodes.paragraph("", "More."))
    env = types.SimpleNamespace(docname="book/ledger")
    app = types.SimpleNamespace(env=env, srcdir=str(tmp_path))
    chapters.add_links(app, document)
    assert len(document) == 3
    monkeypatch.delenv("TRAINPHYS_PDF", raising=False)
    env.docname = run.chapter.docname
    chapters.add_links(app, document)
    assert document[1]["entries"] == []
    assert document[2]["format"] == "html"
    assert document[2].astext() == (
        '<p class="chapter-links">Claims <a href="../../book/ledger.html#A1.1a">A1.1a</a> · '
        '<a href="1-toy.ipynb" download>executed notebook</a> · <a href="#cite">cite</a></p>'
    )
    assert [node.astext() for node in document[3:5]] == ["Prose.", "More."]
    assert document[5].astext().startswith('<details class="cite-figure" id="cite"><summary>Cite this chapter')
    monkeypatch.setattr(chapters.printed, "wanted", lambda: True)
    run.chapter.settings["topics"] = ["toys"]
    monkeypatch.setattr(chapters, "Chapter", lambda root, name: run.chapter)
    chapters.add_links(app, document)
    assert document[1]["entries"] == [("single", "toys", "", "main", None)]
    assert (
        document[2]
        .astext()
        .endswith('notebook</a> · <a href="../../pdf/A1.pdf">PDF</a> · <a href="#cite">cite</a></p>')
    )


def test_addresses_appear_only_where_there_are_any(tmp_path):
    project_file(tmp_path)
    (tmp_path / "requirements.lock").write_text("")
    app = types.SimpleNamespace(srcdir=str(tmp_path))
    config = types.SimpleNamespace(html_theme_options={"own": 1})
    settings.apply_settings(app, config)
    assert (config.project, config.author, config.copyright) == ("Toys", "A. Author", "2026, A. Author")
    assert (config.version, config.release) == ("1.0", "1.0")
    assert set(config.html_theme_options) == {"own", "extra_footer"}
    assert config.html_theme_options["extra_footer"].startswith("<p>Made from sources outside a clone")
    project_file(tmp_path, repository_url="https://a.org")
    settings.apply_settings(app, config)
    options = config.html_theme_options
    assert (options["own"], options["repository_url"]) == (1, "https://a.org")
    assert options["use_repository_button"] is options["use_issues_button"] is True
    assert options["repository_branch"] == "main"
    assert not hasattr(config, "html_baseurl")
    project_file(tmp_path, site_url="https://a.org/b")
    settings.apply_settings(app, config)
    assert config.html_baseurl == config.ogp_site_url == "https://a.org/b/"


def test_a_chapter_is_opened_on_binder_and_colab_once_the_repository_has_an_address(tmp_path):
    chapter = a_run(tmp_path).chapter
    assert chapters.launch_links(chapter) == {}
    project_file(tmp_path, repository_url="https://github.com/me/toys/", branch="trunk", notebooks_branch="made")
    assert chapters.launch_links(chapter) == {
        "Binder": "https://mybinder.org/v2/gh/me/toys/trunk?urlpath=lab%2Ftree%2Fnotebooks%2Fpower%2F1-toy.md",
        "Colab": "https://colab.research.google.com/github/me/toys/blob/made/power/1-toy.ipynb",
    }
    document = nodes.section("", nodes.title("", "Toy"))
    env = types.SimpleNamespace(docname=chapter.docname)
    chapters.add_links(types.SimpleNamespace(env=env, srcdir=str(tmp_path)), document)
    assert '">Binder</a> · <a href="https://colab.' in document[2].astext()
    project_file(tmp_path, repository_url="https://elsewhere.org/me/toys")
    assert chapters.launch_links(chapter) == {}


def test_faults_of_the_theme_are_mended():
    body = '<p role="doc-biblioentry"><table class="a"><th class="b"> <p> </p></th><th></th><th>x</th></table>'
    context = {"body": body}
    offline.mend_body(None, "", "", context, None)
    table = '<table class="a"><td class="b"></td><td></td><th>x</th></table>'
    assert context["body"] == f'<p role="listitem">{table}'
    offline.mend_body(None, "", "", empty := {}, None)
    assert empty == {}


def test_the_bare_redirection_becomes_a_whole_page(tmp_path):
    path = tmp_path / "index.html"
    offline._index(path, "Toys", "https://a.org/")
    assert not path.exists()
    path.write_text('<meta http-equiv="Refresh" content="0; url=book/start.html" />')
    offline._index(path, "Toys", "https://a.org/")
    whole = path.read_text("utf8")
    assert whole.count("book/start.html") == 3
    assert '<link rel="canonical" href="https://a.org/book/start.html">' in whole
    assert whole.count("Toys") == 2
    offline._index(path, "Toys", "https://a.org/")
    assert path.read_text("utf8") == whole
    path.write_text("nothing")
    with pytest.raises(RuntimeError, match=r"expected a redirection in .*index.html, got 'nothing'"):
        offline._index(path, "Toys", "https://a.org/")


def test_the_finished_site_has_its_own_mathjax_no_junk_and_a_named_sidebar(tmp_path):
    (tmp_path / "_static").mkdir()
    for name in ("a.js.map", "b.css.map", "macros.html", "keep.js"):
        (tmp_path / "_static" / name).touch()
    sidebar = '<div id="x" class="bd-sidebar-primary bd-y">'
    (tmp_path / "page.html").write_text(sidebar)
    (tmp_path / "index.html").write_text('<meta http-equiv="Refresh" content="0; url=book/start.html" />')
    builder, config = types.SimpleNamespace(format="html"), types.SimpleNamespace(html_title="Toys", html_baseurl="")
    app = types.SimpleNamespace(builder=builder, outdir=str(tmp_path), config=config)
    offline.finish(app, RuntimeError())
    builder.format = "latex"
    offline.finish(app, None)
    assert (tmp_path / "page.html").read_text() == sidebar
    builder.format = "html"
    offline.finish(app, None)
    assert (tmp_path / "page.html").read_text() == sidebar[:-1] + ' role="complementary" aria-label="Book">'
    assert "<title>Toys</title>" in (tmp_path / "index.html").read_text()
    assert {path.name for path in (tmp_path / "_static").iterdir()} == {"keep.js", "mathjax"}
    assert all((tmp_path / "_static/mathjax" / name).exists() for name in offline.MATHJAX)
    assert (tmp_path / "_static/mathjax/tex-chtml.js").is_file()


def test_nothing_of_thebe_is_loaded():
    own, other = (
        types.SimpleNamespace(handler=types.SimpleNamespace(__module__=m)) for m in ("sphinx_thebe", "sphinx")
    )
    listeners = {"a": [own, other], "b": [own]}
    registry = types.SimpleNamespace(css_files=[("thebe.css", {}), ("site.css", {})])
    app = types.SimpleNamespace(events=types.SimpleNamespace(listeners=listeners), registry=registry)
    offline.drop_thebe(app, None)
    assert listeners == {"a": [other], "b": []}
    assert registry.css_files == [("site.css", {})]


def test_pages_are_read_once_for_all_numbers_of_figures():
    class Env:
        def get_doctree(self, name):
            reads.append(name)
            return name

        def get_domain(self, name):
            assert name == "std"
            return domain

    reads, env, domain = [], Env(), types.SimpleNamespace()
    domain._resolve_numref_xref = lambda env, *arguments: (env.get_doctree("a"), *arguments)
    references.remember_pages(None, env)
    assert [domain._resolve_numref_xref(env, 1, 2) for _ in range(3)] == [("a", 1, 2)] * 3
    assert reads == ["a"]
    assert env.get_doctree("a") == "a"
    assert reads == ["a", "a"]


def test_the_extension_does_all_of_this_at_its_time_and_executes_nothing(tmp_path, monkeypatch):
    import myst_nb.core.execute.cache as executor

    connected, known, loaded = {}, [], []
    project_file(tmp_path)
    app = types.SimpleNamespace(
        srcdir=str(tmp_path),
        setup_extension=loaded.append,
        connect=lambda event, function, priority=500: connected.setdefault(function, (event, priority)),
        add_directive=lambda name, kind: known.append(name),
        add_role=lambda name, kind: known.append(name),
    )
    monkeypatch.setattr(executor, "single_nb_execution", executor.single_nb_execution)
    monkeypatch.setattr(site.gc, "set_threshold", lambda *numbers: None)
    assert site.setup(app) == {"parallel_read_safe": True, "parallel_write_safe": True}
    assert connected == {
        settings.apply_settings: ("config-inited", 10),  # before what reads the settings
        offline.drop_thebe: ("config-inited", 500),
        chapters.fold_code: ("doctree-read", 500),
        chapters.explain_cards: ("doctree-read", 500),
        reference.formulas_as_sphinx_writes_them: ("autodoc-process-docstring", 400),
        reference.link_names: ("doctree-read", 500),
        chapters.add_links: ("doctree-read", 500),
        chapters.lead_with_picture: ("doctree-read", 500),
        minus.sign: ("doctree-read", 600),
        glossary.explain: ("doctree-read", 700),  # on the page as it will be
        numbering.renumber: ("env-get-updated", 900),  # after Sphinx has counted
        references.remember_pages: ("env-updated", 500),
        inventory.add_claims: ("env-updated", 500),
        head.add_tags: ("html-page-context", 400),  # before OpenGraph's
        offline.mend_body: ("html-page-context", 900),  # after all that writes bodies and files
        offline.finish: ("build-finished", 900),
    }
    assert {"ledger", "gallery", "count"} <= set(known)
    assert loaded == []
    project_file(tmp_path, site_url="https://a.org")
    site.setup(app)
    assert loaded == ["sphinxext.opengraph", "sphinx_sitemap"]
    with pytest.raises(RuntimeError, match="expected every chapter to be executed already, got one that is not"):
        executor.single_nb_execution(None, cwd=None)


def test_search_knows_neither_code_nor_citations(monkeypatch):
    monkeypatch.setattr(WordCollector, "dispatch_visit", WordCollector.dispatch_visit)  # as it was, afterwards
    search.setup(None)
    document = new_document("x")
    texts = ("<p>seen</p>", '<details class="other">found</details>', '<details class="cite-figure">cited</details>')
    raw = [nodes.raw("", text, format="html") for text in texts]
    document += nodes.section("", *raw, nodes.literal_block("", "coded"), nodes.paragraph("", "prose"))
    words = WordCollector(document, SearchEnglish({}))
    document.walk(words)
    assert set(words.found_words) == {"seen", "found", "prose"}
