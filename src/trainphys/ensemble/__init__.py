"""How simulations run: random streams, sweeps over configurations, runs that are kept on disk."""

from trainphys.ensemble.kept import kept
from trainphys.ensemble.streams import stream
from trainphys.ensemble.sweep import sweep

__all__ = ["kept", "stream", "sweep"]
