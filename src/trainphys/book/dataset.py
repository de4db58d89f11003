"""The ledger as a data set: with version, commit, licence, seeds and environment; its schema; two exports."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from trainphys.book import made, project
from trainphys.book.store import Run
from trainphys.book.verdicts import PENDING, VERDICTS
from trainphys.rows import Relation

SCHEMA = "ledger.schema.json"
# The words of FORRT's replication outcomes. A claim that lacks what a prediction needs was tested as we completed it,
# which settles nothing about the claim itself; a definition has nothing to test.
FORRT = {
    "holds": "Validated",
    "holds-if": "PartiallySupported",
    "fails": "Contradicted",
    "underspecified": "Inconclusive",
    "definition": "NotTested",
    PENDING: "NotTested",
}
RATINGS = {"fails": 1, "holds-if": 2, "holds": 3}  # ClaimReview wants numbers; the other words are none of these


def ledger(rows: Sequence[dict[str, Any]], runs: Sequence[Run], root: Path) -> dict[str, Any]:
    """The published ledger."""
    known = project.settings(root)
    return {
        "schema": SCHEMA,
        "title": known.title,
        "authors": known.authors,
        "year": known.year,
        "version": known.version,
        "commit": made.commit(root),
        "licence": known.licence,
        **({"doi": known.doi} if known.doi else {}),
        **({"url": f"{known.base}ledger.json"} if known.base else {}),
        "environment": made.environment(root),
        "runs": {run.chapter.name: {"key": run.key, "parameters": run.all_parameters} for run in runs},
        "claims": list(rows),
    }


def claim_reviews(rows: Sequence[dict[str, Any]], root: Path) -> dict[str, Any]:
    """Every judged claim as a ClaimReview of schema.org."""
    return {"@context": "https://schema.org", "@graph": [_review(row, root) for row in rows if row["chapter"]]}


def _review(row: dict[str, Any], root: Path) -> dict[str, Any]:
    known = project.settings(root)
    title = project.documents(root)[row["id"][0]]["title"]
    rating: dict[str, Any] = {"@type": "Rating", "alternateName": row["verdict"]}
    if row["verdict"] in RATINGS:
        rating |= {"ratingValue": RATINGS[row["verdict"]], "worstRating": 1, "bestRating": 3}
    return {
        "@type": "ClaimReview",
        "identifier": row["id"],
        "claimReviewed": row["statement"],
        "itemReviewed": {
            "@type": "Claim",
            "name": row["title"],
            "appearance": {"@type": "CreativeWork", "name": title},
        },
        "reviewRating": rating,
        "reviewBody": " ".join(filter(None, (f"{row['id']} {row['headline']}.", row["reason"]))),
        "author": {"@type": "Organization", "name": known.authors},
        "datePublished": str(known.year),
        "license": known.licence,
        **({"url": f"{known.base}book/ledger.html#{row['id']}"} if known.base else {}),
    }


def forrt(rows: Sequence[dict[str, Any]], root: Path) -> list[dict[str, Any]]:
    """Every claim as a replication outcome of FORRT; confidence, which a person must state, is left out."""
    known = project.settings(root)
    return [
        {
            "outcome": f"trainphys-{row['id']}",
            "label": row["title"],
            "claim": row["statement"],
            "study": row["chapter"],
            "repository": known.repository_url,
            "completed": str(known.year),
            "validation_status": FORRT[row["verdict"]],
            "verdict": row["verdict"],
            "conclusion": " ".join(filter(None, (f"{row['id']} {row['headline']}.", row["reason"])))
            if row["chapter"]
            else "",
            "evidence": f"{len(row['evidence'])} comparisons in ledger.json",
            "limits": row["condition"] or row["note"],
        }
        for row in rows
    ]


def schema() -> dict[str, Any]:
    """JSON schema of the published ledger and of the two exports."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Ledger of claims with verdicts and evidence",
        **_object(
            {
                "schema": {"const": SCHEMA},
                "title": TEXT,
                "authors": TEXT,
                "year": {"type": "integer"},
                "version": TEXT,
                "commit": TEXT,
                "licence": TEXT,
                "environment": {"type": "object", "additionalProperties": TEXT, "required": ["python", "lock_sha256"]},
                "runs": {"type": "object", "additionalProperties": _object({"key": SHA256, "parameters": {}})},
                "claims": {"type": "array", "items": {"$ref": "#/$defs/claim"}},
            },
            {"doi": TEXT, "url": {"type": "string", "format": "uri"}},
        ),
        "$defs": {"claim": _claim(), "comparison": _comparison(), "claimReview": _review_schema(), "forrt": _forrt()},
    }


TEXT = {"type": "string"}
SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
YES_NO = {"type": ["boolean", "null"]}
NUMBER = {"anyOf": [{"type": "number"}, {"enum": ["inf", "-inf", "nan"]}]}  # JSON has no infinity
PREDICTED = {"anyOf": [*NUMBER["anyOf"], {"type": "null"}]}
WORDS = {"enum": [*VERDICTS, PENDING]}


def _object(must: dict[str, Any], may: dict[str, Any] | None = None) -> dict[str, Any]:
    """An object with these members and no others."""
    members = {**must, **(may or {})}
    return {"type": "object", "properties": members, "required": list(must), "additionalProperties": False}


def _claim() -> dict[str, Any]:
    texts = ("title", "statement", "latex", "source", "headline", "condition", "reason", "note", "corrected", "use")
    return _object(
        {
            "id": {"type": "string", "pattern": r"^[ABC][0-9A]\.[0-9][a-z]$"},
            "kind": TEXT,
            **dict.fromkeys(texts, TEXT),
            "chapter": {"type": ["string", "null"]},
            "verdict": WORDS,
            "expected": WORDS,
            "figures": {"type": "array", "items": TEXT},
            "seed": {"type": ["integer", "null"]},
            "evidence": {"type": "array", "items": {"$ref": "#/$defs/comparison"}},
        }
    )


def _comparison() -> dict[str, Any]:
    texts = ("quantity", "reading", "rtol_reason", "weak_because", "not_stated", "not_corrected")
    laws = ("stated", "corrected", "reference")
    return _object(
        {
            **dict.fromkeys(texts, TEXT),
            "at": {"type": "object"},
            "relation": {"enum": list(get_args(Relation))},
            "measured": NUMBER,
            **dict.fromkeys(laws, PREDICTED),
            **{f"agrees_{law}": YES_NO for law in laws},
            "stderr": {"type": "number", "minimum": 0},
            "n": {"type": "integer"},
            "rtol": {"type": "number", "minimum": 0},
            "tolerance": {"type": "number", "minimum": 0},
            "detectable": {"type": ["number", "null"]},
            "beyond": {"type": "boolean"},
            "fitted": {"type": "boolean"},
        }
    )


def _review_schema() -> dict[str, Any]:
    rating = _object(
        {"@type": {"const": "Rating"}, "alternateName": WORDS},
        {name: {"type": "integer"} for name in ("ratingValue", "worstRating", "bestRating")},
    )
    texts = ("identifier", "claimReviewed", "reviewBody", "datePublished", "license")
    must = {"@type": {"const": "ClaimReview"}, **dict.fromkeys(texts, TEXT), "reviewRating": rating}
    return _object({**must, "itemReviewed": {"type": "object"}, "author": {"type": "object"}}, {"url": TEXT})


def _forrt() -> dict[str, Any]:
    texts = ("outcome", "label", "claim", "repository", "completed", "conclusion", "evidence", "limits")
    status = {"enum": ["Validated", "PartiallySupported", "Contradicted", "Inconclusive", "NotTested"]}
    study = {"type": ["string", "null"]}
    return _object({**dict.fromkeys(texts, TEXT), "validation_status": status, "verdict": WORDS, "study": study})
