"""Who has the wallet: some of a snapshot's users, and people whom the merchant does not know.

Chance goes by the user's id, so who is in both snapshots is the same person in both.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from synth_assets.domains.clean_room.scenario import SPLITS, CleanRoomScenario, scenario_of
from synth_assets.domains.clean_room.snapshot import order_items, orders
from synth_assets.domains.clean_room.snapshot import users as snapshot_users
from synth_assets.domains.clean_room.snapshot.window import of_split
from synth_assets.domains.clean_room.source.merchant import DOMAIN, GENDERS, open_merchant
from synth_assets.domains.clean_room.source.users import MAIL, OF_AGE, OLDEST, names
from synth_assets.generation.draws import Draw
from synth_assets.generation.lookup import at
from synth_assets.generation.permutations import permute
from synth_assets.generation.stored import Stored
from synth_assets.generation.values import dollars, hundredths

# Numbers of people: the merchant's users have their id, others begin here.
STRANGERS, PEOPLE = 2**27, 2**30
# Orders that were never paid.
UNPAID = ("Cancelled", "Returned")


def draw(scenario: CleanRoomScenario, *names: str) -> Draw:
    """A source of chance of the provider."""
    return Draw(scenario.seed, DOMAIN, "wallet", *names)


def has_wallet(scenario: CleanRoomScenario, user: pl.Expr) -> pl.Expr:
    """Whether a user of the merchant has the wallet."""
    return ~draw(scenario, "merchant_only").chance(user, scenario.merchant_only)


def paid_with_it(scenario: CleanRoomScenario, order: pl.Expr) -> pl.Expr:
    """Whether an order of someone who has the wallet was paid with it."""
    share = scenario.market_share / max(1 - scenario.merchant_only, scenario.market_share, 1e-9)
    return draw(scenario, "paid").chance(order, share)


def provider_user_id(scenario: CleanRoomScenario, person: pl.Expr) -> pl.Expr:
    """The provider's id, which says nothing about the merchant's."""
    return 1 + permute(person, pl.lit(PEOPLE), draw(scenario, "ids"))


def holders(stored: Stored, split: str) -> pl.LazyFrame:
    """Everyone who has the wallet, in order of ``person``.

    ``person``, ``email``, ``city``, ``born``, and what ``standing`` asks for: ``age``,
    ``country``, ``traffic_source`` (null of strangers) and ``spend`` (paid in the snapshot, US
    dollars).
    """
    scenario = scenario_of(stored)
    shown = ["person", "email", "city", "age", "country", "traffic_source", "spend"]
    known = (
        of_split(stored, snapshot_users.NAME, split)
        .filter(has_wallet(scenario, pl.col("id")))
        .join(_spend(stored, split), left_on="id", right_on="user_id", how="left")
        .select(*shown[1:-1], person="id", spend=pl.col("spend").fill_null(0.0))
        .select(shown)
        .sort("person")
        .collect()
    )
    share = scenario.provider_only
    others = strangers(scenario, round(len(known) * share / (1 - share)))
    people = pl.concat([known.lazy(), others.select(shown)])
    return people.with_columns(born=born(scenario, pl.col("person"), pl.col("age")))


def strangers(scenario: CleanRoomScenario, count: int) -> pl.LazyFrame:
    """So many people whom the merchant does not know; the first are always the same."""
    chance, row = draw(scenario, "strangers"), pl.col("row")
    gazetteer = open_merchant(scenario).gazetteer
    # A dot and a number are in no address of the merchant's.
    first = (
        pl.when(pl.col("gender") == "M")
        .then(names("first_names_male").pick(chance.named("first_name"), row))
        .otherwise(names("first_names_female").pick(chance.named("first_name"), row))
    )
    last = names("last_names").pick(chance.named("last_name"), row)
    mail = at(MAIL, chance.named("mail").integers(row, 0, len(MAIL)))
    local = pl.concat_str(first, pl.lit("."), last, (row + 1).cast(pl.String)).str.to_lowercase()
    return (
        pl.LazyFrame()
        .select(row=pl.int_range(0, count, dtype=pl.Int64))
        .with_columns(
            gender=chance.named("gender").one_of(row, GENDERS),
            home=gazetteer.place(chance.named("home"), row),
        )
        .select(
            person=row + STRANGERS,
            email=pl.concat_str(local, pl.lit("@"), mail),
            city=gazetteer.show("city", pl.col("home")),
            age=chance.named("age").integers(row, OF_AGE, OLDEST + 1),
            country=gazetteer.show("country", pl.col("home")),
            traffic_source=pl.lit(None, dtype=pl.String),
            spend=pl.lit(0.0),
        )
    )


def _spend(stored: Stored, split: str) -> pl.LazyFrame:
    paid = of_split(stored, orders.NAME, split).filter(~pl.col("status").is_in(UNPAID))
    items = of_split(stored, order_items.NAME, split).join(
        paid.select("order_id"), on="order_id", how="semi"
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
