"""The identity graph of most tests, generated once."""

from __future__ import annotations

import pytest

from synth_assets.core.model import Domain
from synth_assets_tests.domains.identity_graph.made import default, stored
from synth_assets_tests.quality.memory import Memory


@pytest.fixture(scope="session")
def domain() -> Domain:
    """The graph of most tests."""
    return default()


@pytest.fixture(scope="session")
def sound(domain: Domain) -> Memory:
    """All partitions of the graph of most tests."""
    return stored(domain)
