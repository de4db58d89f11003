"""What archives and catalogues read of the project: CITATION.cff, codemeta.json, .zenodo.json, RO-Crate.

``python -m trainphys.book metadata`` writes them anew from ``book/project.yml`` and ``pyproject.toml``.
"""

import json
import tomllib
from pathlib import Path
from typing import Any

import click
import yaml

from trainphys.book import cite, project

SPDX = "https://spdx.org/licenses/"
MESSAGE = "If you use this book or its package, please cite it."


def files(root: Path) -> dict[str, str]:
    """Each file's name and its text."""
    known = project.settings(root)
    package = tomllib.loads((root / "pyproject.toml").read_text("utf8"))["project"]
    citation = yaml.safe_dump(_filled(_citation(known, package)), sort_keys=False, allow_unicode=True, width=120)
    catalogues = {
        "codemeta.json": _codemeta(known, package),
        ".zenodo.json": _zenodo(known, package),
        "ro-crate-metadata.json": _crate(known, package),
    }
    return {"CITATION.cff": citation} | {
        name: json.dumps(_filled(found), indent=2, ensure_ascii=False) + "\n" for name, found in catalogues.items()
    }


def _filled(found: Any) -> Any:
    """Without what is not known yet."""
    return {key: value for key, value in found.items() if value} if isinstance(found, dict) else found


def _citation(known: project.Settings, package: dict[str, Any]) -> dict[str, Any]:
    return {
        "cff-version": "1.2.0",
        "message": MESSAGE,
        "title": known.title,
        "type": "software",
        "version": known.version,
        "doi": known.doi,
        "license": [package["license"], known.licence],
        "authors": [{"name": known.authors}],
        "url": known.site_url,
        "repository-code": known.repository_url,
        "abstract": package["description"],
        "keywords": package["keywords"],
    }


def _codemeta(known: project.Settings, package: dict[str, Any]) -> dict[str, Any]:
    return {
        "@context": "https://w3id.org/codemeta/3.0",
        "@type": "SoftwareSourceCode",
        "identifier": f"https://doi.org/{known.doi}" if known.doi else "",
        "name": package["name"],
        "alternateName": known.title,
        "description": package["description"],
        "version": known.version,
        "datePublished": str(known.year),
        "license": [SPDX + package["license"], SPDX + known.licence],
        "author": [{"@type": "Organization", "name": known.authors}],
        "programmingLanguage": {"@type": "ComputerLanguage", "name": "Python", "version": package["requires-python"]},
        "softwareRequirements": package["dependencies"],
        "keywords": package["keywords"],
        "url": known.site_url,
        "codeRepository": known.repository_url,
        "developmentStatus": "active",
    }


def _zenodo(known: project.Settings, package: dict[str, Any]) -> dict[str, Any]:
    related = {"isDocumentedBy": known.site_url, "isSupplementTo": known.repository_url}
    return {
        "upload_type": "software",
        "title": known.title,
        "creators": [{"name": known.authors}],
        "description": package["description"],
        "version": known.version,
        "access_right": "open",
        "license": package["license"].lower(),
        "keywords": package["keywords"],
        "language": "eng",
        "notes": f"Text and figures: {known.licence}.",
        "related_identifiers": [
            {"identifier": url, "relation": relation, "scheme": "url"} for relation, url in related.items() if url
        ],
    }


def _crate(known: project.Settings, package: dict[str, Any]) -> dict[str, Any]:
    """RO-Crate 1.1: the project as a folder, with what is in it."""
    parts = {
        "src/": "The package trainphys: laws, simulations, tools",
        "notebooks/": "The chapters, one MyST Markdown notebook a section",
        "book/claims/": "The claims with their expected verdicts",
        "requirements.lock": "Exact versions of everything",
    }
    code, text = ({"@id": SPDX + name} for name in (package["license"], known.licence))
    whole = {
        "@id": "./",
        "@type": "Dataset",
        "name": known.title,
        "description": package["description"],
        "datePublished": str(known.year),
        "version": known.version,
        "license": text,
        "author": {"@id": "#authors"},
        "publisher": {"@id": "#authors"},
        "keywords": ", ".join(package["keywords"]),
        "identifier": f"https://doi.org/{known.doi}" if known.doi else "",
        "url": known.site_url,
        "hasPart": [{"@id": name} for name in parts],
    }
    entities = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            "about": {"@id": "./"},
        },
        _filled(whole),
        *(
            {
                "@id": name,
                "@type": "Dataset" if name.endswith("/") else "File",
                "name": words,
                "license": code if name == "src/" else text,
                **({} if name.endswith("/") else {"encodingFormat": "text/plain"}),
            }
            for name, words in parts.items()
        ),
        _filled({"@id": "#authors", "@type": "Organization", "name": known.authors, "url": known.site_url}),
        {**code, "@type": "CreativeWork", "name": package["license"], "url": SPDX + package["license"]},
        {**text, "@type": "CreativeWork", "name": known.licence, "url": cite.LICENCES[known.licence]},
    ]
    return {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": entities}


@click.command("metadata")
def command() -> None:
    """Write CITATION.cff, codemeta.json, .zenodo.json and ro-crate-metadata.json anew from the settings."""
    root = project.root()
    for name, text in files(root).items():
        (root / name).write_text(text, "utf8")
        click.echo(name)
