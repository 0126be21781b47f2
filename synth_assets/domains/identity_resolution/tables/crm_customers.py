"""CRM: the core customer database, in which some people have several records."""

from __future__ import annotations

from datetime import datetime

import dataframely as dy
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partition
from synth_assets.core.schema import pii
from synth_assets.core.sources import Generated, evenly
from synth_assets.domains.identity_resolution.calendar import SALES_END
from synth_assets.domains.identity_resolution.model import EVERY, Model, open_model
from synth_assets.domains.identity_resolution.realism_checks import frequent_names
from synth_assets.domains.identity_resolution.scenario import DOMAIN, IdentityScenario
from synth_assets.domains.identity_resolution.source_membership import CRM, LOYALTY, MEMBERSHIPS
from synth_assets.quality.keys import foreign_key
from synth_assets.quality.row_counts import row_count
from synth_assets.quality.structural import holds
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.values import moment, numbered, since_epoch

NAME = "crm_customers"
OPENED = datetime(2015, 1, 1)
# Customers whose record was created later are in the segment New.
RECENT = datetime(2025, 1, 1)
# Share of loyalty members in CRM without their card number.
CARD_UNKNOWN = 0.10
# Shares of records with an address or a telephone that may be written to, or texted.
OPT_IN_MAIL, OPT_IN_SMS = 0.62, 0.35
SEGMENTS = ["VIP", "Regular", "New"]


class CrmCustomers(dy.Schema):
    """A customer record."""

    customer_id = dy.String(primary_key=True, description="Id of the record.")
    email = dy.String(nullable=True, description="E-mail address.", metadata=pii("email"))
    phone = dy.String(nullable=True, description="Mobile number.", metadata=pii("phone"))
    first_name = dy.String(description="First name, in its country's script.", metadata=pii("name"))
    last_name = dy.String(description="Last name, in its country's script.", metadata=pii("name"))
    loyalty_id = dy.String(nullable=True, description="Number of the rewards card.")
    address_line1 = dy.String(description="Street and number.", metadata=pii("address"))
    city = dy.String(description="City.")
    country_code = dy.String(regex="^[A-Z]{2}$", description="ISO 3166 code of the country.")
    created_at = dy.Datetime(time_unit="us", description="When the record was made (UTC).")
    updated_at = dy.Datetime(time_unit="us", description="When it was last changed (UTC).")
    opt_in_email = dy.Bool(description="May be written to.")
    opt_in_sms = dy.Bool(description="May be texted.")
    customer_segment = dy.String(description=f"One of {', '.join(SEGMENTS)}.")


def record_id(row: pl.Expr) -> pl.Expr:
    """Id of a record.

    Args:
        row: Row number.
    """
    return numbered("CRM-", row, 100_000_000)


def customers(model: Model, partition: Partition, only: pl.Expr = EVERY) -> pl.LazyFrame:
    """The records of a partition, their persons, and how they show names and addresses.

    ``created`` and ``updated`` are in seconds since 1970 (UTC).

    Args:
        model: The domain's model.
        partition: Row numbers of the records.
        only: Condition on ``row``; other records are left out.
    """
    stream, row, local = model.stream(CRM), pl.col("row"), pl.col("created")
    end = since_epoch(SALES_END)
    day = model.calendar.registered(stream.substream("day"), row, OPENED)
    frame = model.persons_of_records(CRM, partition, only).with_columns(
        created=model.calendar.local(stream.substream("time"), row, day)
    )
    frame = frame.with_columns(
        updated=local + stream.substream("updated").integers(row, 0, end - local)
    )
    # A record that was not changed since shows where its person lived before.
    frame = frame.with_columns(moved=pl.col("updated") < model.homes.moved())
    frame = model.homes.placed(frame, pl.col("moved")).with_columns(
        (pl.col("created", "updated") - model.homes.clock()).clip(0, end - 1)
    )
    frame = model.names.shown(frame, row, stream, pl.col("updated"))
    return model.homes.shown(frame, row, stream, model.scenario.address_rates)


def generate(scenario: IdentityScenario, partition: Partition) -> pl.LazyFrame:
    """The records of a partition.

    Args:
        scenario: Seed and volumes.
        partition: Row numbers to generate.
    """
    model = open_model(scenario)
    stream, row, created = model.stream(CRM), pl.col("row"), pl.col("created")
    recent = since_epoch(RECENT)
    many = [len(membership) >= 5 for membership in MEMBERSHIPS]
    card = model.frequency[LOYALTY]
    knows_card = ~model.disjoint() & ~stream.substream("card").bernoulli(row, CARD_UNKNOWN)
    rank = card.rank(pl.col("person"), pl.col("membership"))
    return (
        customers(model, partition)
        .with_columns(card=pl.when(knows_card).then(rank))
        .with_columns(
            customer_id=record_id(row),
            email=model.email(),
            phone=model.phone(),
            first_name=model.names.first_name(),
            last_name=model.names.last_name(),
            loyalty_id=model.card(pl.col("card")),
            address_line1=model.homes.shown_address(),
            city=model.homes.city_name(),
            country_code=model.homes.country(),
            created_at=moment(created),
            updated_at=moment(pl.col("updated")),
            opt_in_email=stream.substream("opt_in_email").bernoulli(row, OPT_IN_MAIL)
            & pl.col("mail_state").is_not_null(),
            opt_in_sms=stream.substream("opt_in_sms").bernoulli(row, OPT_IN_SMS)
            & pl.col("phone_state").is_not_null(),
            customer_segment=pl.when(gather(many, pl.col("membership")))
            .then(pl.lit("VIP"))
            .when(created >= recent)
            .then(pl.lit("New"))
            .otherwise(pl.lit("Regular")),
        )
    )


def table(scenario: IdentityScenario) -> Table:
    """The table of CRM records.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    ordered = pl.col("updated_at") >= pl.col("created_at")
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Customer records of the core system; some people have two or three.",
        schema=CrmCustomers,
        partitioning=partitioning,
        source=Generated(evenly(partitioning, lambda scenario: scenario.records(CRM)), generate),
        code_version="5",
        deps=["loyalty_members"],
        checks=[
            row_count(),
            frequent_names(),
            holds(
                "opt_in_requires_contact",
                "Who may be written to has an address, who may be texted a telephone.",
                (~pl.col("opt_in_email") | pl.col("email").is_not_null())
                & (~pl.col("opt_in_sms") | pl.col("phone").is_not_null()),
            ),
            foreign_key("loyalty_id", "loyalty_members", "loyalty_id"),
            holds(
                "updated_at_after_created_at", "No record is updated before it is created.", ordered
            ),
        ],
        cluster_by=["email", "phone"],
    )
