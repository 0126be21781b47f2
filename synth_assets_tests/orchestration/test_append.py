"""An append materializes the tables that have grown, in any domain that declares extents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from pydantic import Field

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.core.scenario import EXTENT, Extent
from synth_assets.orchestration.append import remove_record, tables_to_append, write_record
from synth_assets.orchestration.settings import Settings
from synth_assets_tests.dbt.project import fill
from synth_assets_tests.orchestration.conftest import TinyScenario, tiny


class Growing(TinyScenario):
    """A scenario with one extent."""

    size: int = Field(default=1, json_schema_extra=EXTENT.extra)

    def extents(self) -> Mapping[str, Extent]:
        return {"size": self.size}


def growing(size: int = 1, stored: int | None = None, **fields: float) -> Domain:
    """The tiny domain with growing parents, and the given stored extent."""
    of = tiny()
    parents, children = of.tables
    return replace(
        of,
        scenario=Growing(size=size, **fields),
        tables=[replace(parents, grows_with=["size"]), children],
        stored_extents=None if stored is None else lambda domain, reader: {"size": stored},
    )


def names(of: Domain, settings: Settings) -> list[str]:
    return [table.name for table in tables_to_append(of, settings.open_stores(), settings)]


def test_an_append_materializes_tables_that_have_grown_or_differ_from_the_record(
    settings: Settings,
) -> None:
    stores = settings.open_stores()
    assert names(growing(), settings) == ["parents", "children"]
    fill(growing(), settings)
    assert names(growing(), settings) == ["parents", "children"], "there is no record yet"
    write_record(growing(), stores, settings)
    assert names(growing(), settings) == []
    assert names(growing(2), settings) == ["parents"]
    children = growing().table("children")
    stores.of(children).drop(children, ["2026-01-04"])
    assert names(growing(), settings) == ["children"]
    remove_record(growing(), settings)
    assert names(growing(), settings) == ["parents", "children"]


def test_an_append_refuses_to_change_stored_rows(settings: Settings) -> None:
    fill(growing(), settings)
    with pytest.raises(UserError, match=r"another seed or other settings .* more of size alone"):
        names(growing(spoil=1.0), settings)
    with pytest.raises(UserError, match="size 3 is stored, and 2 is requested"):
        names(growing(2, stored=3), settings)
