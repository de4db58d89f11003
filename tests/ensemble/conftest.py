"""Tasks of a test module pass for tasks of the package, whose finished ones are kept."""

import pytest

from trainphys import provenance


@pytest.fixture
def tasks_of_this_package(request):
    own, known = request.module.__name__, provenance.known_modules()
    digest, edited = provenance.source_digest, provenance.edited
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provenance, "known_modules", lambda: known | {own})
        patch.setattr(provenance, "source_digest", lambda names: digest(set(names) - {own}))
        patch.setattr(provenance, "edited", lambda names: edited(set(names) - {own}))
        yield
