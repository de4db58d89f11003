"""Judge one claim by the statements of its chapter that it needs: seconds, where the chapter takes a minute.

Run as a script: ``claim_slice.py CLAIM PLANTS``, PLANTS a JSON list of errors, each a file below ``src/trainphys``, a
piece of it, and that piece with the error. It prints a JSON list of texts: what the ledger would refuse about the claim
as it stands, empty when it would refuse nothing, and then what with each of the errors.
"""

from __future__ import annotations

import ast
import json
import multiprocessing
import sys
from collections.abc import Iterator
from symtable import SymbolTable, symtable

from trainphys import provenance
from trainphys.book import ledger, project
from trainphys.book.chapters import find_chapters


def needed(statements: list[ast.stmt], claim_id: str) -> tuple[list[ast.stmt], str]:
    """The statements that a verdict rests on, in order, and the name that the claim goes by.

    From ``name.verdict()`` backwards: what binds or changes a name that a later statement reads.
    """
    made = next(i for i, s in enumerate(statements) if f"Claim('{claim_id}')" in ast.unparse(s))
    name = next(iter(_bound(statements[made])))
    judged = next(i for i, s in enumerate(statements) if i > made and ast.unparse(s) == f"{name}.verdict()")
    kept, wanted = [], {name}
    for index in range(judged - 1, -1, -1):
        statement = statements[index]
        bound = _bound(statement)
        if wanted & bound or (index > made and _calls_on(statement, {name})) or _changes(statement, wanted):
            kept.append(statement)
            if index == made or not isinstance(statement, ast.For | ast.If | ast.AugAssign):
                wanted -= bound
            wanted |= _read(statement)
            if index == made:
                wanted.discard(name)
    return kept[::-1], name


def _bound(statement: ast.stmt) -> set[str]:
    table = symtable(ast.unparse(statement), "chapter", "exec")
    return {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}


def _read(statement: ast.stmt) -> set[str]:
    """Names that a statement reads and does not bind itself before."""
    if isinstance(statement, ast.For):
        bound = {n.id for n in ast.walk(statement.target) if isinstance(n, ast.Name)}
        found = _read(ast.Expr(statement.iter))
        for inner in statement.body:
            found |= _read(inner) - bound
            bound |= set() if isinstance(inner, ast.For | ast.If) else _bound(inner)
        return found
    table = symtable(ast.unparse(statement), "chapter", "exec")
    return {s.get_name() for s in table.get_symbols() if s.is_referenced()} | set(_read_inside(table))


def _read_inside(table: SymbolTable) -> Iterator[str]:
    """Names of the chapter that functions and comprehensions read; those that are their own do not count."""
    for inner in table.get_children():
        yield from (s.get_name() for s in inner.get_symbols() if s.is_global())
        yield from _read_inside(inner)


def _calls_on(statement: ast.stmt, names: set[str]) -> bool:
    """Whether a method of one of the names is called: ``claim.compare(...)``, ``rows.append(...)``."""
    return any(
        isinstance(n, ast.Call)
        and isinstance(n.func, ast.Attribute)
        and isinstance(n.func.value, ast.Name)
        and n.func.value.id in names
        for n in ast.walk(statement)
    )


def _changes(statement: ast.stmt, names: set[str]) -> bool:
    """Whether it fills one of the names in place."""
    filled = any(
        isinstance(n, ast.Subscript)
        and isinstance(n.ctx, ast.Store)
        and isinstance(n.value, ast.Name)
        and n.value.id in names
        for n in ast.walk(statement)
    )
    return filled or (isinstance(statement, ast.Expr | ast.For) and _calls_on(statement, names))


def refused(claim_id: str) -> str:
    """A line for each thing that the ledger would refuse about a claim."""
    root = project.root()
    chapter = next(c for c in find_chapters(root) if claim_id in c.claim_ids)
    where = f"{chapter.name}, claim {claim_id}"
    statements, name = needed(ast.parse("\n".join(chapter.code)).body, claim_id)
    scope: dict[str, object] = {"__name__": "chapter"}
    try:
        exec(compile(ast.Module(statements, type_ignores=[]), chapter.name, "exec"), scope)
    except Exception as error:  # as the runner reports a cell that raises
        return f"{where}: {type(error).__name__}: {error}"
    claim = scope[name]
    return "\n".join(f"{where}: {p}" for p in ledger._record_problems(claim.record(), project.claims(root)[claim_id]))


def refused_with(claim_id: str, file: str, old: str, new: str) -> str:
    """The same with an error in a file, in a process of its own, which inherits what the error does not touch.

    Compiled kernels are most of that.
    """
    path = project.root() / "src/trainphys" / file
    text = path.read_text("utf8")
    assert old in text, f"{file} has no {old!r}"
    path.write_text(text.replace(old, new, 1), "utf8")
    fork = multiprocessing.get_context("fork")
    receiver, sender = fork.Pipe(duplex=False)

    def judge() -> None:
        _forget("trainphys." + file.removesuffix(".py").replace("/", "."))
        sender.send(refused(claim_id))

    process = fork.Process(target=judge)
    process.start()
    sender.close()  # ours; when the process ends without an answer, the next line says so
    answer = receiver.recv()
    process.join()
    path.write_text(text, "utf8")
    return str(answer)


def _forget(changed: str) -> None:
    """Drop a module, what imports it and the packages around it, so that they are imported anew."""
    for name in provenance.known_modules() & sys.modules.keys():
        if changed.startswith(f"{name}.") or changed in provenance.modules_behind([name]):
            del sys.modules[name]


def main(claim_id: str, plants: str) -> None:
    sys.dont_write_bytecode = True  # errors of one size, planted within a second, would share a cached file
    texts = [refused(claim_id), *(refused_with(claim_id, *plant) for plant in json.loads(plants))]
    print(json.dumps(texts))


if __name__ == "__main__":
    main(*sys.argv[1:])
