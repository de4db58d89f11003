"""Make the book: run chapters, verify their numbers, build the site."""

import errno
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from filelock import FileLock

from trainphys.book import (
    archives,
    arguments,
    audit,
    changes,
    check_site,
    ledger,
    lint,
    measure,
    printed,
    project,
    prune,
    publish,
    sentences,
    stamp,
    stood,
)
from trainphys.book import run as runner
from trainphys.book.chapters import Chapter, find_chapters
from trainphys.book.evidence_text import evidence_text
from trainphys.book.store import Run

JOBS = click.option("-j", "--jobs", type=click.IntRange(min=1), help="Chapters at a time (default: one per core).")
SEED = click.option("--seed", type=click.IntRange(min=0), help="Fresh randomness; verdicts must not depend on it.")
CLUSTER = click.option("--cluster", metavar="ADDRESS", help="Dask scheduler that takes the sweeps: tcp://host:8786.")
QUICK = click.option("--quick", is_flag=True, help="Small sizes: shows that chapters run, draws no verdict.")


class _Group(click.Group):
    """A source that cannot be read is told in a line, not with the stack of who read it."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (project.SourceError, PermissionError) as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            if error.errno in (errno.EROFS, errno.ENOSPC):  # a disk that is read-only or full
                raise click.ClickException(str(error)) from error
            raise


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Make the book. What has not changed is not run again, and an interrupted run goes on where it stopped.

    \b
    python -m trainphys.book run power/7-practical-curve    one chapter
    python -m trainphys.book verify --claim B7.1c           re-run what one claim needs, print its evidence
    python -m trainphys.book verify --seed 3                the whole book with fresh randomness
    python -m trainphys.book build                          run, verify, render _build/html
    """


@main.command()
@click.argument("chapters", nargs=-1)
@JOBS
@SEED
@CLUSTER
@QUICK
@click.option("--again", is_flag=True, help="Run even what has not changed.")
@click.option("-p", "given", metavar="NAME=VALUE", multiple=True, help="A parameter of the chapter, such as seed=7.")
def run(
    chapters: tuple[str, ...],
    jobs: int | None,
    seed: int | None,
    cluster: str | None,
    quick: bool,
    again: bool,
    given: tuple[str, ...],
) -> None:
    """Execute CHAPTERS (all by default), such as power/7-practical-curve, power/7, A7, or a part, power."""
    root = arguments.root()
    try:
        todo = runner.runs(arguments.chosen(root, chapters), quick=quick, seed=seed, given=arguments.parameters(given))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="-p") from error
    _stop_on(map(str, runner.execute(todo, jobs=jobs, again=again, cluster=cluster)))
    for done in todo:
        click.echo(f"{done.chapter.name}  {done.note['seconds']:.1f} s  {done.path.relative_to(root)}")


@main.command()
@click.option("--claim", "claim_id", help="One claim, such as B7.1c: its chapter is run afresh.")
@JOBS
@SEED
@CLUSTER
@QUICK
@click.option(
    "--words", "to", type=click.Path(path_type=Path), help="Write each claim's verdict on this system to a file."
)
def verify(
    claim_id: str | None, jobs: int | None, seed: int | None, cluster: str | None, quick: bool, to: Path | None
) -> None:
    """Compare every verdict with the expected one, and print the evidence of one claim."""
    root = arguments.root()
    if to and not to.absolute().parent.is_dir():
        raise click.BadParameter(f"expected a file in a folder that is there, got {to}", param_hint="--words")
    try:
        chapters = ledger.chapters_of(claim_id, root) if claim_id else find_chapters(root)
    except KeyError as error:
        raise click.BadParameter(str(error.args[0]), param_hint="--claim") from error
    todo = runner.runs(chapters, quick=quick, seed=seed)
    failures = runner.execute(todo, jobs=jobs, again=claim_id is not None, cluster=cluster)
    if to:
        stood.write(to, ledger.rows([run for run in todo if run.is_done()], root))
    _stop_on(map(str, failures))
    if claim_id:
        click.echo(evidence_text(claim_id, todo, root))
    if quick:
        click.echo("Small sizes: the chapters run; no verdict is drawn from them.")
        return
    _stop_on(ledger.problems(todo, root, whole_book=claim_id is None))
    if not claim_id:
        _print_counts(ledger.rows(todo, root))


@main.command()
@JOBS
@CLUSTER
@click.option("--pdf", is_flag=True, help="Also print the chapters and the book; needs Chromium.")
def build(jobs: int | None, cluster: str | None, pdf: bool) -> None:
    """Run what has changed, verify every number, and render the site into _build/html."""
    if pdf:
        os.environ[printed.WANTED] = "1"
    start = time.perf_counter()
    root = arguments.root()
    chapters = find_chapters(root)
    sources = stamp.sources(root)  # before anything is run or rendered: what changes meanwhile is not in the site
    _stop_on(_typed(root, chapters) + sentences.problems(chapters, root))
    todo = runner.runs(chapters)
    _stop_on(map(str, runner.execute(todo, jobs=jobs, cluster=cluster)))
    if not stamp.matches(root, sources, todo):
        _stop_on(ledger.problems(todo, root))
        with FileLock(root / "_build/next.lock"):
            _render(todo, root)
            stamp.remove(root)
            publish.put_in_place(root)
            stamp.write(root, sources, todo)
    _print_counts(ledger.read(root))
    click.echo(f"Open _build/html/index.html (made in {time.perf_counter() - start:.0f} s).")


def _render(todo: list[Run], root: Path) -> None:
    """Make the next site beside the last one, and check it."""
    publish.publish(todo, root)
    publish.stage(todo, root)
    if not publish.render(root):
        _stop_on(["expected a build without warnings, got those above: mend the sources they name"])
    site = root / publish.RENDERED
    if printed.wanted():
        printed.pdf_all([run.chapter for run in todo], site, root)
    _stop_on(check_site.problems(site))


@main.command("audit")
@click.argument("chapters", nargs=-1)
@JOBS
@click.option("--seeds", "fresh", type=click.IntRange(min=0), default=0, help="Also so many fresh seeds.")
def audit_(chapters: tuple[str, ...], jobs: int | None, fresh: int) -> None:
    """Run CHAPTERS (all by default) with every law bent by a tenth, and say what noticed and what did not."""
    root = arguments.root()
    chosen = arguments.chosen(root, chapters)
    found = audit.bend(chosen, jobs=jobs)
    click.echo(f"{found.rows} comparisons: {found.noticed} turned red, {found.weak} moved by less than they notice.")
    words, deaf = audit.seeds(chosen, range(1, fresh + 1), root, jobs=jobs)
    known = project.claims(root)
    moved = [
        f"{claim_id}: expected {known[claim_id]['expected']} with every seed, got {word} with seed {seed}"
        for claim_id, own in words.items()
        for seed, word in own.items()
        if word != known[claim_id]["expected"]
    ]
    problems = found.problems() + moved + deaf
    if not chapters:
        audit.write(root, found, words)
    for problem in problems:
        click.echo(problem)
    click.echo(
        f"circular {len(found.circular)}, not noticed {len(found.idle)}, typed {len(found.typed)}, "
        f"verdicts that moved with a seed {len(moved)}"
    )
    sys.exit(bool(problems))


@main.command("measure")
def measure_() -> None:
    """Measure the built site: first figures, minutes to read, bytes; for the page Execution."""
    found = measure.write(arguments.root())
    click.echo("\n".join([*measure.table(found), measure.weights(found)]))


@main.command("prune")
@click.option("--days", type=click.FloatRange(min=0), default=30, show_default=True, help="Not used for so long.")
def prune_(days: float) -> None:
    """Remove what fills _build: runs with other seeds, sources or sizes, kept simulations, drafts of killed runs."""
    root = arguments.root()
    gone = prune.prune(runner.runs(find_chapters(root)), root, time.time() - days * 86400)
    click.echo(f"{len(gone)} files are gone that the present book does not show and nothing used for {days:g} days.")


for more in (changes.command, archives.command):
    main.add_command(more)


def _typed(root: Path, chapters: list[Chapter]) -> list[str]:
    pages = [chapter.path for chapter in chapters] + [root / f"book/{name}.md" for name in ("start", "survives")]
    pages += [page for page in [root / "book/tools.md"] if page.is_file()]
    return [
        f"{page.relative_to(root)}:{line}: expected numbers from the run (glue), got typed digits: {text}"
        for page in pages
        for line, text in lint.typed_results(page.read_text("utf8"))
    ]


def _stop_on(problems: Iterable[str]) -> None:
    found = list(problems)
    for problem in found:
        click.echo(problem, err=True)
    if found:
        click.echo(f"{len(found)} problem{'s' if len(found) > 1 else ''}; nothing was published.", err=True)
        sys.exit(1)


def _print_counts(rows: list[dict[str, object]]) -> None:
    found = ledger.counts(rows)
    click.echo(f"{len(rows)} claims: " + ", ".join(f"{count} {word}" for word, count in sorted(found.items())))
