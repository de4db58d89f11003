"""The tasks of a sweep on the workers of a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from trainphys import provenance
from trainphys.ensemble.one_task import Job, run
from trainphys.errors import ClusterLost

if TYPE_CHECKING:
    from typing import TypeAlias

    from distributed import Client

    Cluster: TypeAlias = str | Client

PATIENCE = "10s"  # for a scheduler to answer


def on_cluster(jobs: Sequence[Job], cluster: Cluster) -> Iterator[tuple[int, Any]]:
    """(index, result) of each job as it comes. Dask gives the tasks of a worker that dies to another one.

    Raises:
        ClusterLost: no scheduler answers at the address, or it vanished.
        RuntimeError: a worker runs other sources of this package than we do.
    """
    with _client(cluster) as client:
        from distributed import as_completed  # here, since it is the client that says what to install
        from distributed.client import FutureCancelledError

        where = client.scheduler.address if client.scheduler else "its address"
        expected = provenance.package_digest()
        futures = client.map(_run_if_same_sources, jobs, expected=expected, pure=False)
        try:
            for _, result in as_completed(futures, loop=client.loop, with_results=True):
                if isinstance(result, FutureCancelledError):  # what Dask makes of a task whose scheduler is gone
                    raise ClusterLost(
                        f"expected the scheduler at {where} to stay, but it is gone: start one and run the same again; "
                        "finished tasks are kept and not repeated"
                    )
                yield result
        finally:
            if client.status == "running":
                client.cancel(futures)


@contextmanager
def _client(cluster: Cluster) -> Iterator[Client]:
    """The caller's client as it is; our own for an address, closed at the end."""
    try:
        from distributed import Client
    except ImportError as error:
        raise ImportError("expected Dask for cluster=, found none: pip install 'trainphys[cluster]'") from error
    if isinstance(cluster, Client):
        yield cluster
        return
    try:
        client = Client(cluster, timeout=PATIENCE, set_as_default=False)
    except (OSError, TypeError, ValueError) as error:
        raise ClusterLost(
            f"expected a Dask scheduler at {cluster}, got no answer: start one with 'dask scheduler'"
        ) from error
    with client:
        yield client


def _run_if_same_sources(job: Job, expected: str) -> tuple[int, Any]:
    if provenance.package_digest() != expected:
        from distributed import get_worker

        raise RuntimeError(
            f"expected the worker {get_worker().address} to have the sources of trainphys that this sweep was started "
            "from, got others: install the same version there"
        )
    return run(job)
