"""Judge one claim by the statements of its chapter that it needs: seconds, where the chapter takes a minute.

Run as a script: ``claim_slice.py CLAIM`` prints what the ledger would refuse about the claim, and nothing when it would
refuse nothing.
"""

from __future__ import annotations

import ast
import sys

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
    nodes = list(ast.walk(statement))
    names = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    names |= {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    return names | {
        (a.asname or a.name).split(".")[0] for n in nodes if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names
    }


def _read(statement: ast.stmt) -> set[str]:
    return {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


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


def main(claim_id: str) -> None:
    root = project.root()
    chapter = next(c for c in find_chapters(root) if claim_id in c.claim_ids)
    code = "\n".join(chapter.code)
    statements, name = needed(ast.parse(code).body, claim_id)
    scope: dict[str, object] = {"__name__": "chapter"}
    try:
        exec(compile(ast.Module(statements, type_ignores=[]), chapter.name, "exec"), scope)
    except Exception as error:  # as the runner reports a cell that raises
        print(f"{chapter.name}, claim {claim_id}: {type(error).__name__}: {error}")
        return
    claim = scope[name]
    for problem in ledger._record_problems(claim.record(), project.claims(root)[claim_id]):
        print(f"{chapter.name}, claim {claim_id}: {problem}")


if __name__ == "__main__":
    main(sys.argv[1])
