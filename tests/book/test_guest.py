"""Who has this package installed beside the documentation of another project gets the same pages, byte for byte."""

import subprocess
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]
# as an environment without the package: neither its modules nor its entry points
BUILD = """
import sys, importlib_metadata
from sphinx.cmd.build import main

if sys.argv[1] == "without":
    plain = importlib_metadata.Distribution.entry_points
    importlib_metadata.Distribution.entry_points = property(
        lambda own: [point for point in plain.fget(own) if not point.value.startswith("trainphys")]
    )
    sys.modules["trainphys"] = None
done = main(["-q", "-W", "-b", "html", "-d", sys.argv[4], sys.argv[2], sys.argv[3]])
print(sorted(name for name in sys.modules if name.startswith("trainphys.") or name in ("matplotlib", "torch", "numba")))
sys.exit(done)
"""


def write_guest(folder: Path) -> None:
    """Two pages: a notebook with outputs of several kinds, and one in Markdown that is not executed."""
    cell = nbformat.v4.new_code_cell("1")
    picture = {"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'/>", "text/plain": "a picture"}
    cell.outputs = [
        nbformat.v4.new_output("stream", text="said\n"),
        nbformat.v4.new_output("display_data", picture),
        nbformat.v4.new_output("execute_result", {"text/html": "<b>1</b>", "text/plain": "1"}, execution_count=1),
        nbformat.v4.new_output("display_data", {"text/markdown": "*it*", "text/latex": "$x$", "text/plain": "it"}),
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Guest"), cell])
    notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    folder.mkdir()
    nbformat.write(notebook, folder / "index.ipynb")
    (folder / "other.md").write_text("---\norphan: true\n---\n# Other\n\n$x$, {doc}`index`\n", "utf8")
    (folder / "conf.py").write_text('project = "Guest"\nextensions = ["myst_nb"]\nnb_execution_mode = "off"\n', "utf8")


def built(folder: Path, way: str) -> tuple[dict[str, bytes], str]:
    """Every file of the site, and which modules of ours, or heavy ones, the build loaded."""
    site = folder / way
    command = [sys.executable, "-c", BUILD, way, str(folder / "guest"), str(site), str(folder / f"trees-{way}")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    files = {str(path.relative_to(site)): path.read_bytes() for path in site.rglob("*") if path.is_file()}
    return files, done.stdout.strip().splitlines()[-1]


def test_another_projects_pages_keep_every_byte(tmp_path):
    write_guest(tmp_path / "guest")
    alone, none = built(tmp_path, "without")
    beside, loaded = built(tmp_path, "with")
    assert none == "[]"
    told = "['trainphys.book', 'trainphys.book.mime', 'trainphys.extras']"  # the last is the door's: what is installed
    assert loaded == told, "the entry points were met, and brought nothing else"
    assert b"said" in alone["index.html"]
    assert beside == alone
