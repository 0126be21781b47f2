"""CRM: the core customer database, with some people in it twice."""

from __future__ import annotations

from datetime import datetime

import dataframely as dy
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partition, Sharded
from synth_assets.core.schema import pii
from synth_assets.core.sources import Generated, evenly
from synth_assets.domains.identity_resolution.model import DOMAIN, SALES_END, open_world
from synth_assets.domains.identity_resolution.scenario import IdentityScenario
from synth_assets.domains.identity_resolution.source_membership import CRM, LOYALTY, PATTERNS
from synth_assets.quality.structural import foreign_key, holds, row_count
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.values import moment, numbered, since_epoch

NAME = "crm_customers"
OPENED = datetime(2015, 1, 1)
# Whoever was created later counts as new.
RECENT = datetime(2025, 1, 1)
# Share of customers in both systems whose card CRM does not know.
CARD_UNKNOWN = 0.10
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
    """Id of a record."""
    return numbered("CRM-", row, 100_000_000)


def generate(scenario: IdentityScenario, partition: Partition) -> pl.LazyFrame:
    """Records of a partition."""
    world = open_world(scenario)
    draw, row, made = world.draw(CRM), pl.col("row"), pl.col("made")
    begin, recent, end = map(since_epoch, (OPENED, RECENT, SALES_END))
    many = [len(pattern) >= 5 for pattern in PATTERNS]
    card = world.visits[LOYALTY]
    knows_card = ~world.disjoint() & ~draw.substream("card").bernoulli(row, CARD_UNKNOWN)
    rank = card.rank(pl.col("person"), pl.col("pattern"))
    return (
        world.people.home_at(world.who(CRM, partition))
        .with_columns(
            made=draw.substream("created").integers(row, begin, end - 1),
            card=pl.when(knows_card).then(rank),
        )
        .with_columns(
            customer_id=record_id(row),
            email=world.email(),
            phone=world.phone(),
            first_name=world.people.first_name(),
            last_name=world.people.last_name(),
            loyalty_id=world.card(pl.col("card")),
            address_line1=world.people.address(),
            city=world.people.city(),
            country_code=world.people.country(),
            created_at=moment(made),
            updated_at=moment(made + draw.substream("updated").integers(row, 0, end - made)),
            opt_in_email=draw.substream("opt_in_email").bernoulli(row, 0.62),
            opt_in_sms=draw.substream("opt_in_sms").bernoulli(row, 0.35),
            customer_segment=pl.when(gather(many, pl.col("pattern")))
            .then(pl.lit("VIP"))
            .when(made >= recent)
            .then(pl.lit("New"))
            .otherwise(pl.lit("Regular")),
        )
    )


def table(partitioning: Sharded) -> Table:
    """The table."""
    ordered = pl.col("updated_at") >= pl.col("created_at")
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Customer records of the core system; some people have two or three.",
        schema=CrmCustomers,
        partitioning=partitioning,
        source=Generated(evenly(partitioning, lambda scenario: scenario.records(CRM)), generate),
        code_version="2",
        deps=["loyalty_members"],
        checks=[
            row_count(),
            foreign_key("loyalty_id", "loyalty_members", "loyalty_id"),
            holds("updated_after_created", "No record is updated before it is made.", ordered),
        ],
        cluster_by=["email", "phone"],
    )
