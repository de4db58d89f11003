"""Tests of ``chapters.distance.shared.model_table``."""

from trainphys.chapters.distance.shared.model_table import ROWS, score_tables


def test_table_does_not_depend_on_the_workers(monkeypatch):
    found = []
    for workers in ("1", "2"):
        monkeypatch.setenv("TRAINPHYS_WORKERS", workers)
        found.append(score_tables(1, sets=1, slow_sets=(0, 0, 0)))
    for one, other in zip(*found, strict=True):
        assert one.scores.tobytes() == other.scores.tobytes()
        line, square = (one.of(row, "own rows") for row in (ROWS[5], ROWS[6]))
        assert (square >= line).all()
        assert line.min() > 0.9
