"""Code on a page: it runs when the page is made, its blocks share names, and what it draws is described."""

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from docutils import nodes

import trainphys
from trainphys.book.publish import PUBLISHED
from trainphys.book.site.worked import Value, Worked, filled, ran, short

ROOT = Path(__file__).resolve().parents[2]
DRAW = "from matplotlib.figure import Figure\nax = Figure().subplots()\nax.plot([1, 2])\nax\n"


def block(env, code, name=None, **options):
    own = object.__new__(Worked)
    settings = SimpleNamespace(env=env)
    own.state = SimpleNamespace(
        document=SimpleNamespace(settings=settings),
        nested_parse=lambda lines, offset, container, match_titles: container.append(
            nodes.paragraph("", "\n".join(lines))
        ),
    )
    own.content, own.options, own.arguments = code.splitlines(), options, [name] if name else []
    return "\n".join(node.astext() for node in own.run())


@pytest.fixture
def env(tmp_path):
    return SimpleNamespace(srcdir=str(tmp_path), docname="book/tools", temp_data={})


def test_a_block_shows_what_it_returns_and_the_next_one_knows_its_names(env):
    assert (
        block(env, "x = 1 / 3\nx\nprint('seen')")
        == "```python\nx = 1 / 3\nx\nprint('seen')\n```\n```text\n0.3333\nseen\n```"
    )
    assert block(env, "y = x") == "```python\ny = x\n```"
    role = object.__new__(Value)
    role.inliner = SimpleNamespace(document=SimpleNamespace(settings=SimpleNamespace(env=env)))
    role.text = "x:.2f"
    assert role.run()[0][0].astext() == "0.33"
    with pytest.raises(NameError):
        block(SimpleNamespace(srcdir=env.srcdir, docname="book/other", temp_data={}), "x")


def test_a_picture_is_kept_in_light_and_dark_and_says_what_it_shows(env, tmp_path):
    found = block(env, DRAW, "line", alt="A line that rises to {ax.get_lines()[0].get_ydata()[1]:d} & on.")
    assert found.count("A line that rises to 2 &amp; on.") == 3
    folder = tmp_path / PUBLISHED / "figures"
    assert {path.name for path in folder.iterdir()} == {"tools-line.svg", "tools-line-dark.svg"}
    assert "Axes(" not in found
    assert all(f'src="../figures/{name}"' in found for name in ("tools-line.svg", "tools-line-dark.svg"))


@pytest.mark.parametrize(
    ("code", "name", "options"),
    [
        (DRAW, None, {}),
        (DRAW, "line", {}),
        (DRAW, None, {"alt": "A line."}),
        ("1", None, {"alt": "A line."}),
        ("1", "x", {}),
    ],
)
def test_a_picture_has_a_name_and_words_and_nothing_else_has(env, code, name, options):
    with pytest.raises(ValueError, match=r"expected a name and words \(:alt:\) for a picture"):
        block(env, code, name, **options)


def test_what_is_printed_is_shown_whole_and_a_long_value_is_cut():
    printed, value = ran("print('a' * 400)\n'b' * 400", {})
    assert short(printed) == "a" * 400
    assert short(value) == "b" * 300 + " ..."


def test_the_page_shows_each_tool_of_the_readme_in_code_that_runs():
    """What it says is right: the truth lies in both forecasts' intervals, of which that of the far one is wider."""
    text = (ROOT / "book/tools.md").read_text("utf8")
    scope = {"__name__": "__main__"}
    blocks = re.findall(r"```\{worked\}[^\n]*\n(?::alt: [^\n]*\n)?(.*?)```", text, re.S)
    for code in blocks:
        ran(code, scope)
    assert scope["left"].low < (2.0 / 0.12) ** 2 - 200 < scope["left"].high < np.inf
    assert scope["far"].low < (2.0 / 0.09) ** 2 - 200 < scope["far"].high < np.inf
    assert scope["far"].high / scope["far"].low > scope["left"].high / scope["left"].low
    with pytest.raises(trainphys.NotIdentifiable, match=r"above a floor of 0.10.*, never at the target"):
        trainphys.time_to_target(scope["levels_off"], 0.09)
    assert scope["point"].power_W <= 100
    assert "The law misses this sweep" in str(scope["point"])  # the text says: as above
    assert scope["noise"].value > 0
    readme = (ROOT / "README.md").read_text("utf8")
    tools = set(re.findall(r"\| `trainphys\.(\w+)\(", readme))
    assert len(tools) == 10
    own_page = (ROOT / "book/tools/probe.md").read_text("utf8")
    shown = set(re.findall(r"trainphys\.(\w+)\(", "\n".join(blocks)))
    assert tools - shown == {"probe", "ProbeRecorder"} <= set(re.findall(r"(\w+)\(", own_page))
    assert all(name in trainphys.__all__ for name in tools)
    for role in re.findall(r"\{value\}`([^`]*)`", text):
        assert re.fullmatch(r"[\d.,]+%?", filled(f"{{{role}}}", scope))
