"""Orders of a snapshot: those of its days, by the users that it keeps."""

from __future__ import annotations

import polars as pl

from synth_assets.domains.clean_room.snapshot import users, window
from synth_assets.domains.clean_room.snapshot.window import SPLIT, in_window, placement
from synth_assets.domains.clean_room.source import orders as source
from synth_assets.domains.clean_room.source import users as source_users
from synth_assets.domains.clean_room.source.merchant import DOMAIN
from synth_assets.generation.rulebook import foreign_key
from synth_assets.generation.stored import Stored
from synth_assets.generation.table import Table

NAME = "orders"


class Orders(source.Orders):
    """An order of the snapshot's days."""


def derive(stored: Stored, split: str) -> pl.LazyFrame:
    """The orders of a snapshot."""
    return window.orders(stored, split)


def table(schema: str) -> Table:
    """The table."""
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Orders of the snapshot's days by the users it keeps, however far they have come.",
        code_version="2",
        schema=Orders,
        slicing=SPLIT,
        derive=derive,
        parents={"users": users.NAME},
        follows=[source.NAME, source_users.NAME],
        tags={"party": "merchant"},
        placement=placement(schema),
        rules=[in_window("created_at"), foreign_key("order_id", source.NAME, "order_id")],
    )
