"""Small sites with one fault each: it is named with its page, and what is sound is left alone."""

import pytest

from trainphys.book import check_site

PAGE = '<html><body id="top-of-it">{}</body></html>'
SOUND = [
    '<img src="data:image/png;base64,AA" alt="A curve">',
    '<img src="a%20b.svg?x=1#y" alt="A curve"><link rel="stylesheet" href="site.css">',
    '<link rel="canonical" href="https://example.org/"><link rel="next" href="nowhere.html"><link rel="icon" href="">',
    '<a href="https://example.org/nowhere">there</a><a href="mailto:a@b.org">mail</a><a name="x">no link</a>',
    '<a href="#">top</a><a href="#top">top</a><a href="#top-of-it">here</a><a href="">here</a>',
    '<a href="part/other.html">there</a><a href="part/other.html#a%20b">there</a><a href="site.css#nowhere">css</a>',
    '<a href="part/other.html?query#a%20b">there</a>',
    '<img src="a%20b.svg" alt="one half / the rest"><img src="a%20b.svg" alt="the pngs of it">',
]
FAULTS = {
    '<script src="https://example.org/a.js"></script>': "expected everything from this site, got https://example.org/a",
    '<script src="//example.org/a.js"></script>': "expected everything from this site, got //example.org/a.js",
    '<iframe src="https://example.org/a"></iframe>': "expected everything from this site",
    '<link rel="shortcut  icon" href="https://example.org/a">': "expected everything from this site",
    '<link rel="preload" href="lost.js">': "expected a file, got none at lost.js",
    '<video src="lost.mp4"></video>': "expected a file, got none at lost.mp4",
    '<img src="a%20b.svg">': "expected alternative text for a%20b.svg, got ''",
    '<img src="a%20b.svg" alt="  ">': "expected alternative text for a%20b.svg, got ''",
    '<img src="a%20b.svg" alt="see a.jpeg">': "expected alternative text for a%20b.svg, got 'see a.jpeg'",
    '<img src="a%20b.svg" alt="figures/a for all">': "expected alternative text",
    '<a href="lost.html">there</a>': "expected a page or file behind the link lost.html, got none",
    '<a href="part/other.html#lost">there</a>': "expected an anchor behind the link part/other.html#lost, got none",
    '<a href="#lost">there</a>': "expected an anchor behind the link #lost, got none",
}


def site(folder, body):
    (folder / "part").mkdir(exist_ok=True)
    (folder / "_static").mkdir(exist_ok=True)
    (folder / "a b.svg").touch()
    (folder / "site.css").write_text("a { background: url(data:x) } @import 'own.css'; b { background: url(x.png) }")
    (folder / "_static/macros.html").write_text('<img src="lost.png">')
    (folder / "part/other.html").write_text(PAGE.format('<p id="a b">x</p><p id>y</p><a href="../index.html">up</a>'))
    (folder / "index.html").write_text(PAGE.format(body))
    return check_site.problems(folder)


@pytest.mark.parametrize("body", SOUND)
def test_sound(tmp_path, body):
    assert site(tmp_path, body) == []


@pytest.mark.parametrize("body", FAULTS)
def test_a_fault_is_named_with_its_page(tmp_path, body):
    (found,) = site(tmp_path, body)
    assert found.startswith(f"index.html: {FAULTS[body]}")


def test_pages_are_read_afresh_and_all_faults_are_listed(tmp_path):
    assert site(tmp_path, '<a href="part/other.html#new">there</a>') != []
    (tmp_path / "part/other.html").write_text(PAGE.format('<p id="new">x</p><img src="lost.png">'))
    assert [fault.split(": ")[0] for fault in check_site.problems(tmp_path)] == ["part/other.html"] * 2


@pytest.mark.parametrize("rule", ["url(https://example.org/a)", "url('//example.org/a')", "@import 'https://a.org'"])
def test_a_style_sheet_that_loads_from_elsewhere_is_found(tmp_path, rule):
    site(tmp_path, "")
    (tmp_path / "_static/theme.css").write_text(f"a {{}}\n{rule};")
    (found,) = check_site.problems(tmp_path)
    assert found.startswith(f"_static/theme.css: loads {rule[:10]}")


def test_a_site_without_pages_is_none(tmp_path):
    (found,) = check_site.problems(tmp_path)
    assert found == f"expected built pages in {tmp_path}, found none: run make book"
