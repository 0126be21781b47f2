"""Users of a snapshot: one row for each e-mail address that ordered in its days."""

from __future__ import annotations

import polars as pl

from synth_assets.domains.clean_room.snapshot import window
from synth_assets.domains.clean_room.snapshot.window import SPLIT, placement
from synth_assets.domains.clean_room.source import orders as source_orders
from synth_assets.domains.clean_room.source import users as source
from synth_assets.domains.clean_room.source.merchant import DOMAIN
from synth_assets.generation.rulebook import foreign_key, unique
from synth_assets.generation.stored import Stored
from synth_assets.generation.table import Table

NAME = "users"


class Users(source.Users):
    """A user who ordered, the only one with the e-mail address."""


def derive(stored: Stored, split: str) -> pl.LazyFrame:
    """The users of a snapshot."""
    return window.users(stored, split)


def table(schema: str) -> Table:
    """The table."""
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Users of the merchant who ordered in the snapshot's days, one an e-mail address.",
        schema=Users,
        slicing=SPLIT,
        derive=derive,
        follows=[source.NAME, source_orders.NAME],
        tags={"party": "merchant"},
        placement=placement(schema),
        rules=[unique(["email"]), foreign_key("id", source.NAME, "id")],
    )
