"""People of the provider: their ids, dates of birth, and random values, as functions of the person.

Nothing here reads a stored table. Who the account holders are is in ``account_holders``.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from synth_assets.domains.clean_room.scenario import DOMAIN, SPLITS, CleanRoomScenario
from synth_assets.randomness.permutations import permute
from synth_assets.randomness.streams import RandomStream

# Numbers of people: the merchant's users have their id, people unknown to it begin at
# FIRST_UNKNOWN; all numbers are below PEOPLE.
FIRST_UNKNOWN, PEOPLE = 2**27, 2**30


def provider_stream(scenario: CleanRoomScenario, *names: str) -> RandomStream:
    """A random stream of the provider.

    Args:
        scenario: The scenario, which has the seed.
        names: What the stream is for; they decide its numbers.
    """
    return RandomStream(scenario.seed, DOMAIN, "wallet", *names)


def of_age(scenario: CleanRoomScenario) -> pl.Expr:
    """Whether a user of the merchant, a row with ``age``, is old enough for the wallet.

    Args:
        scenario: The scenario, which has the minimum age.
    """
    return pl.col("age") >= scenario.minimum_age


def has_wallet(scenario: CleanRoomScenario) -> pl.Expr:
    """Whether a user of the merchant, a row with ``id`` and ``age``, has the wallet.

    Args:
        scenario: The scenario.
    """
    chance = provider_stream(scenario, "merchant_only").bernoulli(
        pl.col("id"), scenario.merchant_only
    )
    return of_age(scenario) & ~chance


def paid_with_it(scenario: CleanRoomScenario, order: pl.Expr) -> pl.Expr:
    """Whether an order of an account holder was paid with the wallet.

    Args:
        scenario: The scenario.
        order: The order's id.
    """
    share = scenario.market_share / max(1 - scenario.merchant_only, scenario.market_share, 1e-9)
    return provider_stream(scenario, "paid").bernoulli(order, share)


def provider_user_id(scenario: CleanRoomScenario, person: pl.Expr) -> pl.Expr:
    """The provider's id of a person, which reveals nothing about the merchant's.

    Args:
        scenario: The scenario.
        person: The person's number.
    """
    return 1 + permute(person, pl.lit(PEOPLE), provider_stream(scenario, "ids"))


def born(scenario: CleanRoomScenario, person: pl.Expr, age: pl.Expr) -> pl.Expr:
    """A date of birth that gives the merchant's age on the last days of both snapshots.

    The last birthday is not after the earlier of the two days, the next one is after the later.

    Args:
        scenario: The scenario, which has the days.
        person: The person's number.
        age: Age in years on both days.
    """
    days = [scenario.day_of(split) for split in SPLITS]
    since = provider_stream(scenario, "born").integers(person, (max(days) - min(days)).days, 365)
    birthday = pl.lit(max(days)).dt.offset_by(pl.concat_str(pl.lit("-"), since, pl.lit("d")))
    # Years last: the 29th of February becomes the 28th in other years.
    return birthday.dt.offset_by(pl.concat_str(pl.lit("-"), age, pl.lit("y")))


def age_on(day: date, born: pl.Expr) -> pl.Expr:
    """Age in years on a day.

    Args:
        day: The day.
        born: The date of birth.
    """
    had_birthday = (born.dt.month() < day.month) | (
        (born.dt.month() == day.month) & (born.dt.day() <= day.day)
    )
    return day.year - born.dt.year() - (~had_birthday).cast(pl.Int32)
