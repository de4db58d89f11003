"""What archives read is made from the settings, says what it must, and names an address only when there is one."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from trainphys.book import archives, commands, project

ROOT = Path(__file__).resolve().parents[2]
ADDRESSES = {"site_url": "https://a.org/b", "repository_url": "https://a.org/c", "doi": "10.1234/x"}


@pytest.fixture
def addressed(tmp_path):
    """The files of the same project with all addresses filled in."""
    (tmp_path / "book").mkdir()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    known = yaml.safe_load((ROOT / "book/project.yml").read_text("utf8"))
    (tmp_path / "book/project.yml").write_text(yaml.safe_dump({**known, **ADDRESSES}), "utf8")
    return archives.files(tmp_path)


@pytest.mark.parametrize("name", archives.files(ROOT))
def test_the_file_is_the_one_that_the_settings_make(name):
    assert (ROOT / name).read_text("utf8") == archives.files(ROOT)[name], "run python -m trainphys.book metadata"


def test_the_citation_is_valid_with_addresses_too(addressed, tmp_path):
    (tmp_path / "CITATION.cff").write_text(addressed["CITATION.cff"], "utf8")
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.citation-file-format"]
    subprocess.run([*check, str(tmp_path / "CITATION.cff")], check=True)


def test_addresses_appear_only_where_there_are_any(addressed):
    for name, text in addressed.items():
        assert all(value in text for value in ("https://a.org/b", "10.1234/x") if name != ".zenodo.json"), name
    for text in archives.files(ROOT).values():
        assert "a.org" not in text
        assert "doi.org" not in text
    related = json.loads(addressed[".zenodo.json"])["related_identifiers"]
    assert {own["identifier"] for own in related} == {"https://a.org/b", "https://a.org/c"}


def test_the_command_writes_them(addressed, tmp_path, monkeypatch):
    monkeypatch.setenv("TRAINPHYS_ROOT", str(tmp_path))
    done = CliRunner().invoke(commands.main, ["metadata"])
    assert done.output.splitlines() == list(addressed)
    assert {name: (tmp_path / name).read_text("utf8") for name in addressed} == addressed


def test_codemeta_says_what_it_must():
    found = json.loads(archives.files(ROOT)["codemeta.json"])
    known = project.settings(ROOT)
    assert found["@context"] == "https://w3id.org/codemeta/3.0"
    assert found["@type"] == "SoftwareSourceCode"
    assert (found["name"], found["version"]) == ("trainphys", known.version)
    assert all(found[key] for key in ("description", "author", "license", "programmingLanguage"))


def test_zenodo_gets_its_required_fields():
    found = json.loads(archives.files(ROOT)[".zenodo.json"])
    assert found["upload_type"] in {"publication", "software", "dataset", "other"}
    assert found["access_right"] == "open"
    assert found["license"] == "bsd-3-clause"
    assert all(found[key] for key in ("title", "creators", "description", "version"))
    assert all(set(creator) <= {"name", "affiliation", "orcid", "gnd"} for creator in found["creators"])


def test_the_crate_describes_itself_its_root_and_files_that_are_there(addressed):
    for text in (archives.files(ROOT)["ro-crate-metadata.json"], addressed["ro-crate-metadata.json"]):
        found = json.loads(text)
        assert found["@context"] == "https://w3id.org/ro/crate/1.1/context"
        entities = {own["@id"]: own for own in found["@graph"]}
        assert len(entities) == len(found["@graph"])
        descriptor, root = entities["ro-crate-metadata.json"], entities["./"]
        assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
        assert descriptor["about"] == {"@id": "./"}
        assert root["@type"] == "Dataset"
        assert all(root[key] for key in ("name", "description", "datePublished", "license"))
        for part in root["hasPart"]:
            assert (ROOT / part["@id"]).exists()
            assert entities[part["@id"]]["@type"] == ("Dataset" if part["@id"].endswith("/") else "File")
            assert part["@id"].endswith("/") or "/" in entities[part["@id"]]["encodingFormat"]
        for own in (root["author"], root["publisher"]):
            assert entities[own["@id"]]["@type"] == "Organization"
        for own in found["@graph"]:
            named = [value for value in own.values() if isinstance(value, dict)]
            assert all(value["@id"] in entities or value["@id"].startswith("https://w3id.org") for value in named)
