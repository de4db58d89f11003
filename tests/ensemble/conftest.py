"""Tasks of a test module pass for tasks of the package, whose finished ones are kept."""

import pytest

from trainphys import provenance


@pytest.fixture
def tasks_of_this_package(request, monkeypatch):
    """With the test's own ``monkeypatch``: what a test changes on top of this is undone before it, not after."""
    own, known = request.module.__name__, provenance.known_modules()
    digest, edited = provenance.source_digest, provenance.edited
    monkeypatch.setattr(provenance, "known_modules", lambda: known | {own})
    monkeypatch.setattr(provenance, "source_digest", lambda names, **more: digest(set(names) - {own}, **more))
    monkeypatch.setattr(provenance, "edited", lambda names: edited(set(names) - {own}))
