"""Tasks of a test module pass for tasks of the package, whose finished ones are kept."""

import pytest

from trainphys import provenance


@pytest.fixture
def tasks_of_this_package(request):
    """What a test changes in ``provenance`` on top of this it has to undo itself, before this is undone."""
    own, known = request.module.__name__, provenance.known_modules()
    digest, edited = provenance.source_digest, provenance.edited
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provenance, "known_modules", lambda: known | {own})
        patch.setattr(provenance, "source_digest", lambda names, **more: digest(set(names) - {own}, **more))
        patch.setattr(provenance, "edited", lambda names: edited(set(names) - {own}))
        yield
