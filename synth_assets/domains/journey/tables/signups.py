"""Sign-ups: visitors who open an account on a day, from any GA4 export.

An export that tells of it decides: by the event `sign_up`, or by a `user_id` without one, which is
that of a member who logs in. In an export that tells nothing, some visitors sign up when they begin
a checkout, and a few at their last view of an item. Members, who had an account before this
browser's first visit, do not sign up again.
"""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.model import Table, TableView
from synth_assets.core.schema import pii
from synth_assets.core.sources import Derived
from synth_assets.domains.journey.backend.discrepancies import key_hash, stream
from synth_assets.domains.journey.scenario import DOMAIN, EMBEDDED, SCHEMA_2025, JourneyScenario
from synth_assets.domains.journey.tables import events
from synth_assets.quality.structural import holds

NAME, SIGN_UP = "signups", "sign_up"
WITH_CHECKOUT, WITH_VIEW = "begin_checkout", "view_item"


class Signups(dy.Schema):
    """A visitor who opens an account."""

    user_pseudo_id = dy.String(
        primary_key=True, description="Id of the visitor's browser.", metadata=pii("device_id")
    )
    signed_up_timestamp = dy.Int64(
        primary_key=True,
        min=0,
        description="Time of the event at which it happened, microseconds since 1970 (UTC).",
    )
    first_touch_timestamp = dy.Int64(description="Time of the visitor's first visit, microseconds.")
    is_member = dy.Bool(description="Whether it is a login to an account that exists already.")
    login_id = dy.String(nullable=True, description="The export's `user_id`, if it has any.")


def is_member(scenario: JourneyScenario, number: pl.Expr) -> pl.Expr:
    """Whether a visitor had an account before the first visit with this browser.

    Args:
        scenario: Seed and shares.
        number: Hash of the visitor (see ``visitor_number``).
    """
    return stream(scenario, "member").bernoulli(number, scenario.member_share)


def guesses(scenario: JourneyScenario) -> bool:
    """Whether the export may tell nothing of sign-ups, so that some are assumed.

    Args:
        scenario: The export and its schema.
    """
    return scenario.source != EMBEDDED or scenario.export_schema != SCHEMA_2025


def visitor_number() -> pl.Expr:
    """A hash of the visitor for random streams."""
    return key_hash(pl.lit("visitor"), pl.col("user_pseudo_id"))


def derive(stored: TableView, key: str) -> pl.LazyFrame:
    """The sign-ups of a day, each visitor's first one of the day.

    Args:
        stored: The table, and others of its domain.
        key: Day to derive.
    """
    scenario = stored.scenario
    assert isinstance(scenario, JourneyScenario)
    export = stored.reader.scan(stored.domain.table(events.NAME), [key])
    return signed_up(export, scenario)


def signed_up(export: pl.LazyFrame, scenario: JourneyScenario) -> pl.LazyFrame:
    """The sign-ups among events of a day, in order of visitors.

    Args:
        export: The events.
        scenario: Seed and shares.
    """
    name, at = pl.col("event_name"), pl.col("event_timestamp")
    known = pl.col("user_id").is_not_null()
    visitors = (
        export.filter(pl.col("user_pseudo_id").is_not_null())
        .group_by("user_pseudo_id")
        .agg(
            signup=at.filter(name == SIGN_UP).min(),
            login=at.filter(known).min(),
            login_id=pl.col("user_id").filter(known).first(),
            checkout=at.filter(name == WITH_CHECKOUT).min(),
            view=at.filter(name == WITH_VIEW).max(),
            first_touch=pl.min_horizontal(pl.col("user_first_touch_timestamp").min(), at.min()),
        )
        .filter(pl.any_horizontal(pl.col("signup", "login", "checkout", "view").is_not_null()))
        .sort("user_pseudo_id")
        .with_columns(number=visitor_number())
    )
    row = pl.col("number")
    checks_out = stream(scenario, "signup").bernoulli(row, scenario.checkout_signup_share)
    browses = stream(scenario, "signup", "view").bernoulli(row, scenario.view_signup_share)
    tells = pl.col("signup", "login").is_not_null()
    exported = pl.any_horizontal(tells.any()) | pl.lit(value=not guesses(scenario))
    guessed = (
        pl.when(exported | is_member(scenario, row))
        .then(None)
        .when(pl.col("checkout").is_not_null() & checks_out)
        .then("checkout")
        .when(pl.col("checkout").is_null() & browses)
        .then("view")
    )
    found = visitors.with_columns(signed_up_timestamp=pl.coalesce("signup", "login", guessed))
    return found.filter(pl.col("signed_up_timestamp").is_not_null()).select(
        "user_pseudo_id",
        "signed_up_timestamp",
        "login_id",
        first_touch_timestamp="first_touch",
        is_member=pl.col("signup").is_null() & pl.col("login").is_not_null(),
    )


def table(scenario: JourneyScenario) -> Table:
    """The table.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Visitors who open an account, by day.",
        schema=Signups,
        event_time="signed_up_timestamp",
        partitioning=partitioning,
        source=Derived(derive),
        deps=[events.NAME],
        checks=[
            holds(
                "signup_after_first_touch",
                "Visitors sign up at or after their first visit.",
                pl.col("signed_up_timestamp") >= pl.col("first_touch_timestamp"),
            )
        ],
        cluster_by=["user_pseudo_id"],
    )
