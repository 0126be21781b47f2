"""``place`` and ``store``: every test of the contract runs on every store."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from synth_assets.stores import Store
from synth_assets_tests.stores.places import PLACES, Place
from synth_assets_tests.stores.unity_workspace import Workspace, serving


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> Place:
    """A new, empty place of every kind in turn."""
    return PLACES[request.param](request)


@pytest.fixture
def store(place: Place) -> Store:
    """The store that lies there."""
    return place.open()


@pytest.fixture
def unity_workspace(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A new workspace of Databricks, in which the environment signs in."""
    workspace = Workspace()
    with serving(workspace) as address:
        for name in [name for name in os.environ if name.startswith("DATABRICKS_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("DATABRICKS_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("DATABRICKS_HOST", address)
        monkeypatch.setenv("DATABRICKS_TOKEN", workspace.token)
        yield workspace
