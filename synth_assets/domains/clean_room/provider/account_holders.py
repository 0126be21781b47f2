"""The account holders: some of the merchant's users of age, and people unknown to the merchant.

Random values are functions of the person, and attributes are computed over the days of both
snapshots together, so a person who is in both snapshots is the same in both. No column reveals
whether the merchant knows a person: names, addresses, places and ages have the same distributions.
"""

from __future__ import annotations

import polars as pl

from synth_assets.core.errors import UserError
from synth_assets.core.model import TableView
from synth_assets.domains.clean_room.model import open_model
from synth_assets.domains.clean_room.provider.people import (
    FIRST_UNKNOWN,
    born,
    has_wallet,
    provider_stream,
)
from synth_assets.domains.clean_room.scenario import SPLITS, CleanRoomScenario, scenario_of
from synth_assets.domains.clean_room.snapshot import window
from synth_assets.domains.clean_room.source.distributions import (
    GENDERS,
    OF_AGE,
    OLDEST,
    YOUNGEST,
)
from synth_assets.domains.clean_room.source.people.identity import with_names
from synth_assets.domains.clean_room.tables import thelook_order_items as order_items
from synth_assets.domains.clean_room.tables import thelook_orders as orders
from synth_assets.domains.clean_room.tables import users as snapshot_users
from synth_assets.randomness.values import dollars, hundredths

# Most candidates drawn for each address that is needed.
MOST_CANDIDATES = 20
# Orders that were never paid.
UNPAID = ("Cancelled", "Returned")


def account_holders(stored: TableView, split: str, people: pl.LazyFrame) -> pl.LazyFrame:
    """The people who have the wallet in a split.

    Args:
        stored: The table that needs them.
        split: The split.
        people: The rows of ``everyone``, with any further columns.
    """
    unknown = pl.col("person") >= FIRST_UNKNOWN
    snapshot = window.of_split(stored, snapshot_users.NAME, split).select("id")
    known = people.join(snapshot, left_on="person", right_on="id", how="semi").collect()
    others = people.filter(unknown).sort("person").head(_number_unknown(stored, len(known)))
    return pl.concat([known.lazy(), others])


def everyone(stored: TableView) -> pl.LazyFrame:
    """Everyone who has the wallet in either split, in order of ``person``.

    Args:
        stored: The table that needs them; the rows are cached with it.

    Returns:
        ``person``, ``email``, ``city``, ``born``, ``age``, ``country``, ``traffic_source`` (null
        for people unknown to the merchant) and ``spend`` (US dollars paid in the days of either
        snapshot).
    """
    return stored.cached("everyone with the wallet", lambda: _everyone(stored).collect()).lazy()


def _everyone(stored: TableView) -> pl.LazyFrame:
    scenario, shown = scenario_of(stored), ["email", "city", "age", "country", "traffic_source"]
    users = window.kept(stored)
    known = users.filter(has_wallet(scenario)).collect()
    by_split = [
        known.lazy().join(window.buyers(stored, split), on="id", how="semi").select(pl.len())
        for split in SPLITS
    ]
    most = max(int(counted.item()) for counted in pl.collect_all(by_split))
    customers = (
        known.lazy()
        .join(_spend(stored), left_on="id", right_on="user_id", how="left")
        .select("id", *shown, spend=pl.col("spend").fill_null(0.0))
        .rename({"id": "person"})
        .sort("person")
    )
    others = unknown_to_merchant(scenario, _number_unknown(stored, most), users.select("email"))
    people = pl.concat([customers, others.select("person", *shown, "spend")])
    return people.with_columns(born=born(scenario, pl.col("person"), pl.col("age")))


def _number_unknown(stored: TableView, known: int) -> int:
    """The number of people unknown to the merchant, from the number that it knows."""
    share = scenario_of(stored).provider_only
    return round(known * share / (1 - share))


def unknown_to_merchant(
    scenario: CleanRoomScenario, count: int, taken: pl.LazyFrame
) -> pl.LazyFrame:
    """People unknown to the merchant; a larger ``count`` adds people and changes none.

    Args:
        scenario: The scenario.
        count: The number of people.
        taken: Addresses, column ``email``, that none of them has.

    Raises:
        UserError: There are not enough names.
    """
    candidates = count
    while candidates <= MOST_CANDIDATES * count:
        drawn = _candidates(scenario, candidates)
        free = drawn.join(taken, on="email", how="anti", maintain_order="left")
        found = free.unique("email", keep="first", maintain_order=True).head(count).collect()
        if len(found) == count:
            return found.lazy()
        candidates = 2 * candidates + 1
    raise UserError(
        f"there are not names enough for {count:,} users of the provider whom the merchant does "
        "not know: choose a smaller provider_only, fewer users, or duplicate_emails=false"
    )


def _candidates(scenario: CleanRoomScenario, count: int) -> pl.LazyFrame:
    """People with the distributions of the merchant's users."""
    chance, row = provider_stream(scenario, "strangers"), pl.col("row")
    gazetteer = open_model(scenario).gazetteer
    youngest = max(YOUNGEST if scenario.minors else OF_AGE, scenario.minimum_age)
    number = chance.substream("number").integers(row, 1, scenario.users + 1)
    people = (
        pl.LazyFrame()
        .select(row=pl.int_range(0, count, dtype=pl.Int64))
        .with_columns(
            gender=chance.substream("gender").choice_u16(row, GENDERS),
            home=gazetteer.place(chance.substream("home"), row),
        )
        .with_columns(culture=gazetteer.show("culture", pl.col("home")))
    )
    return with_names(scenario, people, chance, row, number).select(
        "email",
        person=row + FIRST_UNKNOWN,
        city=gazetteer.show("city", pl.col("home")),
        age=chance.substream("age").integers(row, youngest, OLDEST + 1),
        country=gazetteer.show("country", pl.col("home")),
        traffic_source=pl.lit(None, dtype=pl.String),
        spend=pl.lit(0.0),
    )


def _spend(stored: TableView) -> pl.LazyFrame:
    """The sum that each user paid in the days of either snapshot."""
    scenario = scenario_of(stored)
    in_days = [window.within(scenario, split, "created_at") for split in SPLITS]
    paid = (
        stored.other(orders.NAME)
        .all()
        .filter(pl.any_horizontal(in_days) & ~pl.col("status").is_in(UNPAID))
    )
    items = (
        stored.other(order_items.NAME)
        .all()
        .join(paid.select("order_id"), on="order_id", how="semi")
    )
    # Summed in cents, since a sum of floats depends on the order of rows.
    return items.group_by("user_id").agg(spend=dollars(hundredths(pl.col("sale_price")).sum()))
