"""The probe every so many updates of a run."""

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from torch import nn

from trainphys.checks import at_least
from trainphys.tools.models.batches import Data
from trainphys.tools.models.model_loss import Loss
from trainphys.tools.models.tool import asked
from trainphys.tools.probe.probe import probe
from trainphys.tools.probe.result import Probe

if TYPE_CHECKING:
    from trainphys.tools.axes import Axes


class ProbeRecorder:
    """Calls ``probe`` along a run: ``step`` after each update, ``records`` and ``plot`` at the end.

    In Lightning and in the Trainer of Hugging Face a callback of a few lines calls it; the page *Probe* has both. A
    probe that fails, as after a run has diverged or where memory is short, is warned of and leaves no record: it does
    not stop the run.

    Args:
        model, loss, data, optimizer: as for ``probe``.
        every: updates between two probes; the first is made at once, and refuses what no later one could take.
        settings: of ``probe``, by name.

    Raises:
        ValueError: as ``probe``.

    Attributes:
        records: pairs of the number of updates done and the ``Probe``.

    >>> import torch
    >>> model, x = nn.Linear(2, 1), torch.randn(8, 2)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> recorder = ProbeRecorder(model, nn.MSELoss(), (x, x.sum(1, keepdim=True)), optimizer, every=10, population=8)
    >>> for _ in range(20):
    ...     loss = nn.MSELoss()(model(x), x.sum(1, keepdim=True))
    ...     optimizer.zero_grad()
    ...     loss.backward()
    ...     _ = optimizer.step()
    ...     recorder.step()
    >>> [step for step, _ in recorder.records]
    [0, 10, 20]
    """

    @asked
    def __init__(
        self, model: nn.Module, loss: Loss, data: Data, optimizer: Any, *, every: int = 100, **settings: Any
    ) -> None:
        at_least(1, every=every)
        self._run, self._settings, self.every = (model, loss, data, optimizer), settings, int(every)
        self.updates = 0
        self.records: list[tuple[int, Probe]] = [(0, probe(*self._run, **settings))]

    def step(self) -> None:
        """Count an update, and look when it is time."""
        self.updates += 1
        if self.updates % self.every == 0:
            self._record()

    def plot(self, axes: "Sequence[Axes] | None" = None) -> "Sequence[Axes]":
        """Margin, noise scale and temperature against the update, on three axes, which are returned."""
        from trainphys.tools.probe.plots import draw_run

        return draw_run(self.records, axes)

    def _record(self) -> None:
        try:
            self.records.append((self.updates, probe(*self._run, **self._settings)))
        except Exception as error:  # out of memory, a file of the data that is gone: the run is worth more than a look
            said = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}, {error}"
            warnings.warn(f"no probe after {self.updates} updates: {said}", stacklevel=3)
