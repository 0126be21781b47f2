"""The clean room's data for most tests, generated once."""

from __future__ import annotations

import pytest

from synth_assets.core.model import Domain
from synth_assets_tests.domains.clean_room.made import (
    AS_ORIGINAL,
    ASKED,
    Frames,
    all_made,
    clean_room,
    default,
    derived,
    parties,
)
from synth_assets_tests.quality.memory import Memory


@pytest.fixture(scope="session")
def domain() -> Domain:
    """The clean room at the scale of most tests."""
    return default()


@pytest.fixture(scope="session")
def frames(domain: Domain) -> Frames:
    """All rows of all tables that are made from row numbers."""
    return all_made(domain)


@pytest.fixture(scope="session")
def many() -> Frames:
    """As many users as the public data set has, and their orders."""
    return all_made(clean_room(), ["thelook_users", "thelook_orders"])


@pytest.fixture(scope="session")
def original() -> Frames:
    """As many users as the public data set has, who are no more lifelike than its own."""
    return all_made(clean_room(**AS_ORIGINAL), ["thelook_users", "thelook_orders"])


@pytest.fixture(scope="session")
def answered() -> tuple[Domain, Memory]:
    """Both parties' tables with the default settings, and what they were answered."""
    domain, reader = parties()
    return domain, derived(domain, reader, ASKED)
