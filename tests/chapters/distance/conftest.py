"""Runs that several tests of the part read."""

import pytest

from trainphys.chapters.distance.c9_reproduction.reconstruction import Bank, search_configurations
from trainphys.chapters.distance.shared.replicates import replicate_reports
from trainphys.xor.configurations import RECONSTRUCTED

KINDS = ("uniform, zero bias", "half normal, zero bias")


@pytest.fixture(scope="package")
def bank() -> Bank:
    return search_configurations(seed=3, runs=400, kinds=KINDS)


@pytest.fixture(scope="package")
def made():
    return replicate_reports(RECONSTRUCTED[1], 200, seed=4)
