"""Every line of code that the book offers runs as it stands."""

from pathlib import Path

import numpy as np
import pytest

from trainphys.book import project

ROOT = Path(__file__).resolve().parents[2]
OFFERED = {claim_id: entry["use"] for claim_id, entry in project.claims(ROOT).items() if entry.get("use")}


@pytest.mark.parametrize("claim_id", OFFERED)
def test_runs(claim_id):
    *imports, call = OFFERED[claim_id].strip().splitlines()
    scope: dict[str, object] = {}
    exec("\n".join(imports), scope)
    value = eval(call, scope)
    assert value is not None
    if isinstance(value, (int, float, np.ndarray)):
        assert np.isfinite(np.asarray(value, dtype=float)).all()
