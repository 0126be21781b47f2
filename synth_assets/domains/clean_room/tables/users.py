"""Users of a snapshot: one row for each e-mail address that ordered in its days."""

from __future__ import annotations

import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.sources import Derived
from synth_assets.domains.clean_room.scenario import DOMAIN, SPLITS, CleanRoomScenario
from synth_assets.domains.clean_room.snapshot import window
from synth_assets.domains.clean_room.snapshot.window import SPLIT, location
from synth_assets.domains.clean_room.tables import thelook_orders as source_orders
from synth_assets.domains.clean_room.tables import thelook_users as source
from synth_assets.quality.building import SAMPLES, waiting
from synth_assets.quality.keys import foreign_key, unique

NAME = "users"


class Users(source.Users):
    """A user who ordered, the only one with the e-mail address."""


def derive(stored: TableView, split: str) -> pl.LazyFrame:
    """The users of a snapshot.

    Args:
        stored: The table, with access to its sources.
        split: The split.
    """
    return window.users(stored, split)


def in_both() -> Check:
    """A user is in both splits if the source has orders of the same person in both."""

    def measure(stored: TableView) -> list[CheckResult]:
        if set(stored.partition_stats) != set(SPLITS):
            return [waiting(None, "both splits are stored")]
        split, person = pl.col(stored.table.partitioning.partition_column), ("email", "id")
        found = stored.all().group_by(person).agg(both=split.n_unique() == len(SPLITS))
        ordered = pl.concat(
            [window.buyers(stored, s).with_columns(split=pl.lit(s)) for s in SPLITS]
        ).join(window.kept(stored), on="id", how="semi")
        declared = ordered.group_by(person).agg(declared=pl.col("split").n_unique() == len(SPLITS))
        users = found.join(declared, on=person, how="full", coalesce=True).collect()
        wrong = users.filter(pl.col("both").ne_missing(pl.col("declared")))
        shares = {n: float(users[n].sum()) / max(len(users), 1) for n in ("both", "declared")}
        bound = f"= {shares['declared']:.4f}, by the orders of the source"
        sample = wrong.head(SAMPLES).to_dicts()
        return [CheckResult(None, wrong.is_empty(), shares["both"], bound, shares, sample)]

    doc = (
        "An address is one person, who is in both snapshots where the source has orders of theirs "
        "in the days of both."
    )
    reads = (source.NAME, source_orders.NAME)
    return Check("user_in_both_snapshots", doc, measure, per_partition=False, reads=reads)


def table(scenario: CleanRoomScenario) -> Table:
    """The table of a snapshot's users.

    Args:
        scenario: The scenario.
    """
    schema = scenario.merchant_schema
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Users of the merchant who ordered in the snapshot's days, one an e-mail address.",
        code_version="4",
        schema=Users,
        partitioning=SPLIT,
        source=Derived(derive),
        deps=[source.NAME, source_orders.NAME],
        tags={"party": "merchant"},
        location=location(schema),
        checks=[unique(["email"]), foreign_key("id", source.NAME, "id"), in_both()],
    )
