"""The list of literature: each work by one address."""

import re
from pathlib import Path

from pybtex.database import parse_file

ROOT = Path(__file__).resolve().parents[2]


def test_a_work_has_each_address_once():
    """A style prints eprint, doi and url, so one that repeats another stands twice."""
    entries = parse_file(str(ROOT / "book/references.bib")).entries
    assert entries
    for key, entry in entries.items():
        url = entry.fields.get("url", "")
        for kind in ("eprint", "doi"):
            found = entry.fields.get(kind)
            assert not (found and found in url), (key, kind)


def test_no_two_works_have_one_address():
    text = (ROOT / "book/references.bib").read_text("utf8")
    found = re.findall(r"(?:eprint|doi|url)\s*=\s*\{(?:https://arxiv.org/abs/)?(.*?)\}", text)
    assert len(found) == len(set(found))
