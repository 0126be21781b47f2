"""Orders of a snapshot: those of its days, by the users that it keeps."""

from __future__ import annotations

import polars as pl

from synth_assets.core.model import Table, TableView
from synth_assets.core.sources import Derived
from synth_assets.domains.clean_room.scenario import DOMAIN, CleanRoomScenario
from synth_assets.domains.clean_room.snapshot import window
from synth_assets.domains.clean_room.snapshot.window import SPLIT, in_window, location
from synth_assets.domains.clean_room.tables import thelook_orders as source
from synth_assets.domains.clean_room.tables import thelook_users as source_users
from synth_assets.domains.clean_room.tables import users
from synth_assets.quality.keys import foreign_key

NAME = "orders"


class Orders(source.Orders):
    """An order of the snapshot's days."""


def derive(stored: TableView, split: str) -> pl.LazyFrame:
    """The orders of a snapshot.

    Args:
        stored: The table, with access to its sources.
        split: The split.
    """
    return window.orders(stored, split)


def table(scenario: CleanRoomScenario) -> Table:
    """The table of a snapshot's orders.

    Args:
        scenario: The scenario.
    """
    schema = scenario.merchant_schema
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Orders of the snapshot's days by the users it keeps, however far they have come.",
        code_version="3",
        schema=Orders,
        partitioning=SPLIT,
        source=Derived(derive),
        parents={"users": users.NAME},
        deps=[source.NAME, source_users.NAME],
        tags={"party": "merchant"},
        location=location(schema),
        checks=[in_window("created_at"), foreign_key("order_id", source.NAME, "order_id")],
        history=source.history,
    )
