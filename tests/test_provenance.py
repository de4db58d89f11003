"""Which modules are behind one, and which changes of them change a digest: on a package of a few lines."""

import pytest

from trainphys import provenance
from trainphys.provenance import imported_by, known_modules, modules_behind, package_digest, source_digest

FILES = {
    "__init__": '"""Tiny."""\n',
    "a": '"""A."""\nimport os\nfrom tiny import b\n',
    "b": "from tiny.inner.c import x\n",
    "inner/__init__": "import tiny.d\n",
    "inner/c": 'x = 1  # one\n"""A text."""\n\ndef f():\n    """Doc."""\n    return x\n',
    "d": "y = 'text'\n",
    "e": "z = 1\n",
}


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """The package that the module looks at, as a function that appends to a file of it."""
    for name, text in FILES.items():
        path = tmp_path / f"tiny/{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(provenance, "PACKAGE", "tiny")
    monkeypatch.setattr(provenance, "__file__", str(tmp_path / "tiny/provenance.py"))
    forget()
    yield lambda name, text: (tmp_path / f"tiny/{name}.py").write_text(FILES[name] + text, "utf8")
    forget()


def forget():
    for kept in (provenance._graph, provenance.package_digest):
        kept.cache_clear()


def test_looking_at_a_package_leaves_no_file_behind(tiny, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    known_modules()
    assert {path.name for path in tmp_path.iterdir()} == {"tiny"}


def test_behind_a_module_is_what_it_imports_and_the_packages_around(tiny):
    assert known_modules() == {"tiny", "tiny.a", "tiny.b", "tiny.inner", "tiny.inner.c", "tiny.d", "tiny.e"}
    assert imported_by("tiny.b") == {"tiny.inner.c"}
    behind = ["tiny", "tiny.b", "tiny.d", "tiny.inner", "tiny.inner.c"]
    assert modules_behind(["tiny.b"]) == behind
    assert modules_behind(name for name in ("tiny.e", "tiny.a")) == sorted([*behind, "tiny.a", "tiny.e"])
    assert modules_behind([]) == []
    with pytest.raises(ValueError, match=r"expected modules of tiny, got tiny.y, tiny.z: is the name misspelt"):
        modules_behind(["tiny.z", "tiny.a", "tiny.y"])


def test_a_digest_changes_with_the_code_behind_it_alone(tiny):
    before = source_digest(["tiny.a"])
    assert before != source_digest(["tiny.b"])
    assert source_digest(["tiny.a", "tiny.b"]) == before
    for name in ("a", "b", "d", "inner/__init__", "inner/c", "__init__"):
        tiny(name, "added = 1\n")
        assert source_digest(["tiny.a"]) != before, name
        tiny(name, "# added\n'''Added.'''\n")
        assert source_digest(["tiny.a"]) == before, name
    tiny("e", "added = 1\n")
    assert source_digest(["tiny.a"]) == before


def test_comments_and_docstrings_count_where_they_are_asked_for_or_read(tiny):
    before, whole = source_digest(["tiny.a"]), source_digest(["tiny.a"], whole=True)
    assert before != whole
    tiny("d", "# added\n")
    assert source_digest(["tiny.a"]) == before
    assert source_digest(["tiny.a"], whole=True) != whole
    for reader in ("print(min.__doc__)\n", "inspect.getdoc(min)\n"):
        tiny("inner/c", reader)
        tiny("d", "")
        bare = source_digest(["tiny.a"])
        tiny("d", "# added\n")
        assert source_digest(["tiny.a"]) != bare
        assert source_digest(["tiny.e"]) == source_digest(["tiny.e"])


def test_values_that_are_texts_are_code(tiny):
    before = source_digest(["tiny.d"])
    tiny("d", "y = 'other'\n'text'\n1\n")
    other = source_digest(["tiny.d"])
    tiny("d", "y = 'more'\n1\n")
    assert len({before, other, source_digest(["tiny.d"])}) == 3
    tiny("d", "y = 'more'\n2\n")
    assert source_digest(["tiny.d"]) not in (before, other)


def test_the_digest_of_the_package_is_taken_once(tiny):
    first = package_digest()
    assert first == source_digest(known_modules())
    tiny("e", "added = 1\n")
    assert package_digest() == first
    forget()
    assert package_digest() not in (first, source_digest(["tiny.a"]))
