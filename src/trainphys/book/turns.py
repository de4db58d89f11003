"""Which chapter begins next: one that need not wait for what another is computing."""

from collections.abc import Sequence
from threading import Lock

from trainphys.book.store import Run


class Turns:
    """Hands out runs in their order, but first those that share no module of their part with one that is under way.

    Chapters that share such a module often share its simulations, and one would wait for the other with a core idle.
    """

    def __init__(self, runs: Sequence[Run]) -> None:
        self.waiting = list(runs)
        self.under_way: list[Run] = []
        self._lock = Lock()

    def take(self) -> Run:
        with self._lock:
            busy = {module for run in self.under_way for module in _shared(run)}
            found = next((run for run in self.waiting if busy.isdisjoint(_shared(run))), self.waiting[0])
            self.waiting.remove(found)
            self.under_way.append(found)
            return found

    def done(self, run: Run) -> None:
        with self._lock:
            self.under_way.remove(run)


def _shared(run: Run) -> set[str]:
    """Files with code of several chapters of a part; a module and a name in it count as one."""
    return {".".join(name.split(".")[:5]) for name in run.chapter.modules if ".shared." in name}
