"""The statistics that audits of the public sample report, computed from an export's rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from synth_assets.domains.journey.ga4 import sample
from synth_assets.domains.journey.ga4.param import param

STEPS = ("view_item", "begin_checkout", "add_payment_info", "purchase")
USER, NAME = pl.col("user_pseudo_id"), pl.col("event_name")


@dataclass(frozen=True)
class Statistic:
    """A statistic, its value in the sample at this scale, and its standard error."""

    name: str
    found: float
    expected: float
    error: float

    @property
    def deviates(self) -> bool:
        """Whether it deviates by more than two percent and four standard errors."""
        return abs(self.found - self.expected) > max(0.02 * self.expected, 4 * self.error)


def count(name: str, found: float, expected: float) -> Statistic:
    """A count, with the standard error of a Poisson distribution."""
    return Statistic(name, float(found), expected, math.sqrt(expected))


def slim(events: pl.DataFrame) -> pl.DataFrame:
    """The columns that the statistics need."""
    money = pl.col("ecommerce").struct
    return events.select(
        "user_pseudo_id",
        "event_name",
        "event_date",
        "event_timestamp",
        session=param("ga_session_id"),
        transaction=money.field("transaction_id"),
        revenue=money.field("purchase_revenue"),
        tax=money.field("tax_value"),
        source=pl.col("traffic_source").struct.field("source"),
        medium=pl.col("traffic_source").struct.field("medium"),
        category=pl.col("device").struct.field("category"),
    )


def figures(events: pl.DataFrame, scale: float) -> list[Statistic]:
    """All statistics over the whole sample's days."""
    rows = slim(events)
    sessions = rows.group_by("user_pseudo_id", "session").agg(
        NAME.unique(), pl.col("category").first(), date=pl.col("event_date").first()
    )
    of = {
        "events": (len(rows), sample.EVENTS),
        "users": (rows["user_pseudo_id"].n_unique(), sample.USERS),
        "sessions": (len(sessions), sample.SESSIONS),
        "session ids": (rows["session"].n_unique(), sample.SESSION_IDS),
    }
    named = {
        n: (e, u) for n, e, u in rows.group_by(NAME).agg(pl.len(), USER.n_unique()).iter_rows()
    }
    for name, (count_, users) in sample.NAMES.items():
        of[f"{name}: events"] = (named.get(name, (0, 0))[0], count_)
        of[f"{name}: users"] = (named.get(name, (0, 0))[1], users)
    reached = sessions.select(
        "date", *(NAME.list.contains(s).alias(s) for s in (*STEPS, "add_to_cart"))
    )
    for step in STEPS:
        of[f"sessions to {step}"] = (reached[step].sum(), sample.FUNNEL[step])
    carted = reached.filter("view_item", "add_to_cart")
    for step, expected in sample.WITH_CART.items():
        of[f"cart sessions to {step}"] = (carted[step].sum(), expected)
    for year, (seen, bought) in sample.YEARS.items():
        here = reached.filter(pl.col("date").str.starts_with(str(year)))
        of[f"{year} views"] = (here["view_item"].sum(), seen)
        of[f"{year} purchases"] = (here["purchase"].sum(), bought)
    for day, (events_, users) in sample.KNOWN_DAYS.items():
        here = rows.filter(pl.col("event_date") == f"{day:%Y%m%d}")
        of[f"{day} events"] = (len(here), events_)
        of[f"{day} users"] = (here["user_pseudo_id"].n_unique(), users)
    first = rows.filter(pl.col("event_date") == "20201101")
    for name, users in sample.FIRST_DAY_USERS.items():
        here = first.filter(name == NAME)
        of[f"first day users: {name}"] = (here["user_pseudo_id"].n_unique(), users)
    found = [count(name, n, expected * scale) for name, (n, expected) in of.items()]
    return [*found, *_purchases(rows, scale), *_channels(rows, scale), *_conversion(sessions)]


def _purchases(rows: pl.DataFrame, scale: float) -> list[Statistic]:
    bought = rows.filter(NAME == "purchase")
    paid = bought.drop_nulls("revenue")
    usable = bought.filter(pl.col("transaction") != "(not set)")
    keys = usable.group_by("user_pseudo_id", "transaction").agg(pl.len())
    per_id = keys.group_by("transaction").agg(pl.len())
    spread = float(paid["revenue"].pow(2).sum()) ** 0.5
    revenue = Statistic("revenue", paid["revenue"].sum(), sample.REVENUE * scale, spread)
    tax_error = spread * sample.TAX / sample.REVENUE
    counted = {
        "without revenue": (bought["revenue"].null_count(), sample.WITHOUT_REVENUE),
        "null transactions": (bought["transaction"].null_count(), sample.NULL_IDS),
        "placeholder transactions": (
            (bought["transaction"] == "(not set)").sum(), sample.NOT_SET,
        ),
        "usable keys": (len(keys), sample.USABLE_KEYS),
        "repeated keys": ((keys["len"] > 1).sum(), sample.REPEATED_KEYS),
        "repetitions": (len(usable) - len(keys), sample.REPEATS),
        "shared transactions": ((per_id["len"] > 1).sum(), sample.SHARED),
    }  # fmt: skip
    found = [count(name, n, expected * scale) for name, (n, expected) in counted.items()]
    return [revenue, Statistic("tax", paid["tax"].sum(), sample.TAX * scale, tax_error), *found]


def _channels(rows: pl.DataFrame, scale: float) -> list[Statistic]:
    organic = rows.filter(medium="organic", source="google")
    direct = rows.filter(medium="(none)", source="(direct)")
    users = organic["user_pseudo_id"].n_unique()
    return [
        count("organic users", users, sample.ORGANIC_USERS * scale),
        count("organic events", len(organic), sample.ORGANIC_EVENTS * scale),
        count("direct events", len(direct), sample.DIRECT_EVENTS * scale),
    ]


def _conversion(sessions: pl.DataFrame) -> list[Statistic]:
    found = []
    for category, expected in sample.CONVERSION.items():
        seen = sessions.filter(NAME.list.contains("view_item"), category=category)
        bought = seen.filter(NAME.list.contains("purchase"))
        error = math.sqrt(expected * (1 - expected) / len(seen))
        found.append(Statistic(f"{category} conversion", len(bought) / len(seen), expected, error))
    return found


def in_order(events: pl.DataFrame) -> int:
    """Sessions with all steps, including the cart, with their first occurrences in order."""
    steps = ("view_item", "add_to_cart", *STEPS[1:])
    at = pl.col("event_timestamp")
    firsts = (
        slim(events.filter(NAME.is_in(steps)))
        .group_by("user_pseudo_id", "session")
        .agg(at.filter(step == NAME).min().alias(step) for step in steps)
    )
    ordered = [pl.col(a) <= pl.col(b) for a, b in pairwise(steps)]
    return firsts.filter(pl.all_horizontal(ordered)).height
