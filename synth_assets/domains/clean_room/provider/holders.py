"""Who has the wallet: some of the merchant's users of age, and people whom it does not know.

Chance goes by the person, and what is known of someone is that of both snapshots' days together,
so who is in both snapshots is the same in both. Nothing of a row tells whether the merchant knows
the person: names, addresses, places and ages are drawn alike.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from synth_assets.core.errors import UserError
from synth_assets.core.model import TableView
from synth_assets.domains.clean_room.model import DOMAIN, GENDERS, open_merchant
from synth_assets.domains.clean_room.scenario import SPLITS, CleanRoomScenario, scenario_of
from synth_assets.domains.clean_room.snapshot import window
from synth_assets.domains.clean_room.tables import thelook_order_items as order_items
from synth_assets.domains.clean_room.tables import thelook_orders as orders
from synth_assets.domains.clean_room.tables import users as snapshot_users
from synth_assets.domains.clean_room.tables.thelook_users import (
    OF_AGE,
    OLDEST,
    YOUNGEST,
    address,
    first_name,
    names,
)
from synth_assets.randomness.permutations import permute
from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.values import dollars, hundredths

# Numbers of people: the merchant's users have their id, others begin here.
STRANGERS, PEOPLE = 2**27, 2**30
# Candidates that are drawn for each address that is wanted, at most.
MOST_CANDIDATES = 20
# Orders that were never paid.
UNPAID = ("Cancelled", "Returned")


def draw(scenario: CleanRoomScenario, *names: str) -> RandomStream:
    """A source of chance of the provider."""
    return RandomStream(scenario.seed, DOMAIN, "wallet", *names)


def of_age(scenario: CleanRoomScenario) -> pl.Expr:
    """Whether a user of the merchant is old enough for the wallet."""
    return pl.col("age") >= scenario.minimum_age


def has_wallet(scenario: CleanRoomScenario) -> pl.Expr:
    """Whether a user of the merchant, a row with ``id`` and ``age``, has the wallet."""
    chance = draw(scenario, "merchant_only").bernoulli(pl.col("id"), scenario.merchant_only)
    return of_age(scenario) & ~chance


def paid_with_it(scenario: CleanRoomScenario, order: pl.Expr) -> pl.Expr:
    """Whether an order of someone who has the wallet was paid with it."""
    share = scenario.market_share / max(1 - scenario.merchant_only, scenario.market_share, 1e-9)
    return draw(scenario, "paid").bernoulli(order, share)


def provider_user_id(scenario: CleanRoomScenario, person: pl.Expr) -> pl.Expr:
    """The provider's id, which says nothing about the merchant's."""
    return 1 + permute(person, pl.lit(PEOPLE), draw(scenario, "ids"))


def holders(stored: TableView, split: str, people: pl.LazyFrame) -> pl.LazyFrame:
    """Those of ``everyone`` who have the wallet by a split."""
    stranger = pl.col("person") >= STRANGERS
    snapshot = window.of_split(stored, snapshot_users.NAME, split).select("id")
    known = people.join(snapshot, left_on="person", right_on="id", how="semi").collect()
    others = people.filter(stranger).sort("person").head(_strangers_beside(stored, len(known)))
    return pl.concat([known.lazy(), others])


def everyone(stored: TableView) -> pl.LazyFrame:
    """Everyone who has the wallet by either split, in order of ``person``.

    ``person``, ``email``, ``city``, ``born``, and what ``standing`` asks for: ``age``,
    ``country``, ``traffic_source`` (null of strangers) and ``spend`` (paid in the days of either
    snapshot, US dollars).
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
    others = strangers(scenario, _strangers_beside(stored, most), users.select("email"))
    people = pl.concat([customers, others.select("person", *shown, "spend")])
    return people.with_columns(born=born(scenario, pl.col("person"), pl.col("age")))


def _strangers_beside(stored: TableView, known: int) -> int:
    """How many people whom the merchant does not know there are for so many whom it knows."""
    share = scenario_of(stored).provider_only
    return round(known * share / (1 - share))


def strangers(scenario: CleanRoomScenario, count: int, taken: pl.LazyFrame) -> pl.LazyFrame:
    """So many people, none with an ``email`` of ``taken``; the first are always the same."""
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
    """People drawn as the merchant's users are."""
    chance, row = draw(scenario, "strangers"), pl.col("row")
    gazetteer = open_merchant(scenario).gazetteer
    youngest = max(YOUNGEST if scenario.minors else OF_AGE, scenario.minimum_age)
    number = chance.substream("number").integers(row, 1, scenario.users + 1)
    return (
        pl.LazyFrame()
        .select(row=pl.int_range(0, count, dtype=pl.Int64))
        .with_columns(
            gender=chance.substream("gender").choice_u16(row, GENDERS),
            home=gazetteer.place(chance.substream("home"), row),
        )
        .with_columns(
            first_name=first_name(chance.substream("first_name"), row),
            last_name=names("last_names").pick(chance.substream("last_name"), row),
        )
        .select(
            person=row + STRANGERS,
            email=address(scenario, chance.substream("mail"), row, number),
            city=gazetteer.show("city", pl.col("home")),
            age=chance.substream("age").integers(row, youngest, OLDEST + 1),
            country=gazetteer.show("country", pl.col("home")),
            traffic_source=pl.lit(None, dtype=pl.String),
            spend=pl.lit(0.0),
        )
    )


def _spend(stored: TableView) -> pl.LazyFrame:
    """What each user paid in the days of either snapshot."""
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
    # Summed in cents: a sum of floats would depend on the order of rows.
    return items.group_by("user_id").agg(spend=dollars(hundredths(pl.col("sale_price")).sum()))


def born(scenario: CleanRoomScenario, person: pl.Expr, age: pl.Expr) -> pl.Expr:
    """A date of birth by which someone is as old as the merchant says on both snapshots' last days.

    The last birthday is on the earlier of them at the latest, and the next one after the later.
    """
    days = [scenario.day_of(split) for split in SPLITS]
    since = draw(scenario, "born").integers(person, (max(days) - min(days)).days, 365)
    birthday = pl.lit(max(days)).dt.offset_by(pl.concat_str(pl.lit("-"), since, pl.lit("d")))
    # Years last: a 29th of February that a year does not have becomes the day before it.
    return birthday.dt.offset_by(pl.concat_str(pl.lit("-"), age, pl.lit("y")))


def age_on(day: date, born: pl.Expr) -> pl.Expr:
    """Years that someone has lived on a day."""
    had_birthday = (born.dt.month() < day.month) | (
        (born.dt.month() == day.month) & (born.dt.day() <= day.day)
    )
    return day.year - born.dt.year() - (~had_birthday).cast(pl.Int32)
