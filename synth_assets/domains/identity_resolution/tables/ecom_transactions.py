"""E-commerce: one row a line item; the lines of an order share all but product and quantity."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.model import Check, Table
from synth_assets.core.partitioning import Partition
from synth_assets.core.schema import pii, references
from synth_assets.core.sources import Generated, evenly
from synth_assets.domains.identity_resolution.address_noise import CLEAN, STREET_TYPO
from synth_assets.domains.identity_resolution.hashes import hashed
from synth_assets.domains.identity_resolution.line_items import priced
from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.domains.identity_resolution.model import EVERY, Model, open_model
from synth_assets.domains.identity_resolution.order_checks import coherent_totals
from synth_assets.domains.identity_resolution.promotions import (
    CODES,
    NONE,
    SHIPPING,
    SHIPPING_CODE,
    WELCOME,
    WELCOME_CODE,
    season_code,
    valid_days,
)
from synth_assets.domains.identity_resolution.purchases import ordered
from synth_assets.domains.identity_resolution.realism_checks import (
    hours_of_orders,
    seasons_of_orders,
)
from synth_assets.domains.identity_resolution.scenario import DOMAIN, IdentityScenario
from synth_assets.domains.identity_resolution.source_membership import ECOM
from synth_assets.quality.row_counts import row_count
from synth_assets.quality.structural import accepted_values, holds
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.values import moment, numbered

NAME = "ecom_transactions"
DEVICES = {"mobile": 55, "desktop": 37, "tablet": 8}
# Shares of orders without an account, and of orders paid with the person's first card.
GUESTS, FIRST_CARD = 0.25, 0.75
# Share of orders with a misspelt address.
HASH_NOISE = 0.01


class EcomTransactions(dy.Schema):
    """A line of an order."""

    transaction_id = dy.String(primary_key=True, description="Order and line: `<order>-<line>`.")
    user_id = dy.String(nullable=True, description="Account; null for guests.")
    email = dy.String(nullable=True, description="E-mail address.", metadata=pii("email"))
    phone = dy.String(nullable=True, description="Mobile number.", metadata=pii("phone"))
    product_id = dy.String(description="Product.", metadata=references("products", "product_id"))
    quantity = dy.Int32(min=1, description="Pieces.")
    unit_price = dy.Decimal(
        10,
        2,
        min_exclusive=0,
        description="Price a piece on the day, with the code, in `currency`.",
    )
    order_total = dy.Decimal(10, 2, description="Sum of the order's lines, on each of them.")
    currency = dy.String(regex="^[A-Z]{3}$", description="ISO 4217 code of the currency.")
    shipping_address_hash = dy.String(
        description="MD5 of the shipping address: `address_line1|city|country_code`.",
        metadata=pii("address"),
    )
    payment_token = dy.String(description="Tokenized card.", metadata=pii("payment"))
    device_type = dy.String(description=f"One of {', '.join(DEVICES)}.")
    order_date = dy.Datetime(time_unit="us", description="Moment of the order (UTC).")
    promo_code = dy.String(nullable=True, description="Code that was used, if any.")


def order_id(order: pl.Expr) -> pl.Expr:
    """Id of an order, which the ids of its lines begin with.

    Args:
        order: Number of the order.
    """
    return numbered("ORD-", order, 100_000_000)


def orders(model: Model, partition: Partition, only: pl.Expr = EVERY) -> pl.LazyFrame:
    """The orders with lines in a partition, with persons, contacts, times and addresses.

    Args:
        model: The domain's model.
        partition: Row numbers of the lines.
        only: Condition on ``order``; other orders are left out.
    """
    order = pl.col("order")
    frame = model.orders.touching(partition).filter(only).with_columns(order_id=order_id(order))
    frame = model.with_contacts(ECOM, model.persons_of(ECOM, frame, order), order)
    own = frame.with_columns(order_nth=pl.col("nth"), buyer_rank=pl.col("rank"))
    return ordered(model, own)


def hash_noise(model: Model) -> pl.Expr:
    """Whether the address of the row's order is misspelt.

    Args:
        model: The domain's model.
    """
    return model.stream(ECOM, "misspelt").bernoulli(pl.col("order"), HASH_NOISE)


def address_hash(model: Model, misspelt: pl.Expr) -> pl.Expr:
    """Hash of the order's address, or of the address as it is misspelt.

    Args:
        model: The domain's model.
        misspelt: Whether the address is misspelt.
    """
    error = pl.when(misspelt).then(STREET_TYPO).otherwise(CLEAN)
    line = model.homes.address(error)
    return hashed(
        pl.concat_str(line, model.homes.city_name(), model.homes.country(), separator="|")
    )


def code(model: Model) -> pl.Expr:
    """Promotion code of the row's order, an index into ``CODES``.

    Args:
        model: The domain's model.
    """
    scenario, order = model.scenario, pl.col("order")
    drawn = model.stream(ECOM, "promo").uniform(order)
    season, welcome = season_code(pl.col("day")), scenario.welcome_code_rate
    return (
        pl.when((season > 0) & (drawn < scenario.season_code_rate)).then(season)
        .when((pl.col("order_nth") == 0) & (1 - drawn < welcome)).then(WELCOME_CODE)
        .when(model.stream(ECOM, "shipping").bernoulli(order, scenario.shipping_code_rate))
        .then(SHIPPING_CODE)
        .otherwise(NONE)
    )  # fmt: skip


def generate(scenario: IdentityScenario, partition: Partition) -> pl.LazyFrame:
    """The lines of a partition.

    Args:
        scenario: Seed and volumes.
        partition: Row numbers to generate.
    """
    model = open_model(scenario)
    stream, order, locale = model.stream(ECOM), pl.col("order"), pl.col("locale")
    rank, person = pl.col("rank"), pl.col("person")
    card = (~stream.substream("card").bernoulli(order, FIRST_CARD)).cast(pl.Int64)
    shared = (
        orders(model, partition)
        .with_columns(
            user_id=pl.when(~stream.substream("guest").bernoulli(order, GUESTS)).then(
                model.account(rank)
            ),
            email=model.email(),
            phone=model.phone(),
            currency=gather([lo.currency for lo in LOCALES], locale),
            shipping_address_hash=address_hash(model, hash_noise(model)),
            payment_token=model.payment_token(person, card),
            device_type=stream.substream("device").choice_u16(order, DEVICES),
            order_date=moment(pl.col("ordered")),
            code=code(model),
        )
        .with_columns(promo_code=gather(CODES, pl.col("code")))
        .select("order", "first_row", "lines", "locale", "order_id", "day", "code", *SHARED)
    )
    return priced(model, ECOM, shared, locale, partition).rename(
        {"line_id": "transaction_id", "total": "order_total"}
    )


SHARED = (
    "user_id", "email", "phone", "currency", "shipping_address_hash", "payment_token",
    "device_type", "order_date", "promo_code",
)  # fmt: skip


def code_in_season() -> Check:
    """A check that codes of seasons are used in their season, to within a day (UTC)."""
    days, always = valid_days(), [WELCOME, SHIPPING]
    used = pl.concat_str(
        "promo_code", pl.col("order_date").dt.date().cast(pl.String), separator=" "
    )
    season = pl.col("promo_code").is_in(always) | used.is_in(days)
    return holds(
        "discount_code_in_season", "A season's code is used on the days of its season.", season
    )


def table(scenario: IdentityScenario) -> Table:
    """The table of lines of online orders.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Line items of online orders; `transaction_id` is `<order>-<line>`.",
        schema=EcomTransactions,
        partitioning=partitioning,
        source=Generated(evenly(partitioning, lambda scenario: scenario.records(ECOM)), generate),
        code_version="4",
        parents={"products": "products"},
        checks=[
            row_count(),
            coherent_totals("transaction_id", "order_total"),
            accepted_values("device_type", list(DEVICES)),
            code_in_season(),
            hours_of_orders(),
            seasons_of_orders(),
        ],
        cluster_by=["email", "order_date"],
    )
