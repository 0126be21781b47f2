"""Ground truth of noise: every identifier that a record shows with a change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import dataframely as dy
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partition
from synth_assets.core.sources import Generated, evenly
from synth_assets.domains.identity_resolution.address_noise import KINDS as ADDRESS_KINDS
from synth_assets.domains.identity_resolution.checks import noise_rates
from synth_assets.domains.identity_resolution.contact_noise import (
    CLEAN,
    MAIL_KINDS,
    PHONE_KINDS,
    PLACEHOLDER,
)
from synth_assets.domains.identity_resolution.model import NO_MAIL, NO_PHONE, Model, open_model
from synth_assets.domains.identity_resolution.name_noise import FIRST_KINDS, LAST_KINDS
from synth_assets.domains.identity_resolution.records import SOURCES, source_partitions
from synth_assets.domains.identity_resolution.scenario import DOMAIN, IdentityScenario
from synth_assets.domains.identity_resolution.source_membership import CRM, ECOM, LOYALTY
from synth_assets.domains.identity_resolution.tables.ecom_transactions import (
    address_hash,
    hash_noise,
)
from synth_assets.quality.structural import accepted_values, holds
from synth_assets.randomness.lookup import gather

NAME = "identity_edits"
MISSPELT = "misspelt_address"
KINDS = tuple(
    dict.fromkeys(
        (
            *MAIL_KINDS[1:],
            *PHONE_KINDS[1:],
            PLACEHOLDER,
            MISSPELT,
            *FIRST_KINDS[1:],
            *LAST_KINDS[1:],
            *ADDRESS_KINDS[1:],
        )
    )
)


class IdentityEdits(dy.Schema):
    """A value that was changed."""

    source = dy.String(primary_key=True, description="Table of the record.")
    record_id = dy.String(primary_key=True, description="Key of the record there.")
    column_name = dy.String(primary_key=True, description="Column of the value.")
    noise_kind = dy.String(description=f"One of {', '.join(KINDS)}.")
    true_value = dy.String(description="What the value is.")
    observed_value = dy.String(description="What the record shows.")


def edits(model: Model, source: str, partition: Partition) -> Iterator[pl.LazyFrame]:
    """The changed values of a source's records, a frame for each column.

    Each frame begins with the few records that may have a change, so that the other ones cost
    nothing but the random bits of their noise.

    Args:
        model: The domain's model.
        source: The source.
        partition: Row numbers of the source's table.
    """
    of, stream, clean = SOURCES[source], model.stream(source), pl.lit(CLEAN)
    if of.mail:
        only = model.emails.may_change(of.number, stream, NO_MAIL[source])
        yield _changed(
            of.persons(model, partition, only), of.mail, "mail_state", [*MAIL_KINDS, PLACEHOLDER],
            true=model.email(clean), observed=model.email(),
        )  # fmt: skip
    if of.phone:
        only = model.phones.may_change(of.number, stream, NO_PHONE[source])
        yield _changed(
            of.persons(model, partition, only), of.phone, "phone_state",
            [*PHONE_KINDS, PLACEHOLDER], true=model.phone(clean), observed=model.phone(),
        )  # fmt: skip
    if source in (CRM, LOYALTY):
        only = model.names.first_may_change(of.number, stream)
        yield from _names(model, of.persons(model, partition, only), of.persons(model, partition))
    if source == CRM:
        yield from _addresses(model, of.persons(model, partition))
    if source == ECOM:
        misspelt = of.persons(model, partition, hash_noise(model))
        yield misspelt.with_columns(
            column_name=pl.lit("shipping_address_hash"),
            noise_kind=pl.lit(MISSPELT),
            true_value=address_hash(model, pl.lit(value=False)),
            observed_value=address_hash(model, pl.lit(value=True)),
        )


def _changed(
    records: pl.LazyFrame,
    column: str,
    state: str,
    kinds: Sequence[str],
    *,
    true: pl.Expr,
    observed: pl.Expr,
) -> pl.LazyFrame:
    """The changed values of a column, which has the kind of a record's change in ``state``."""
    return records.filter(pl.col(state) > CLEAN).with_columns(
        column_name=pl.lit(column),
        noise_kind=gather(kinds, pl.col(state)),
        true_value=true,
        observed_value=observed,
    )


def _names(model: Model, first: pl.LazyFrame, every: pl.LazyFrame) -> Iterator[pl.LazyFrame]:
    yield _changed(
        first, "first_name", "first_state", FIRST_KINDS,
        true=model.people.first_name(), observed=model.names.first_name(),
    )  # fmt: skip
    yield _changed(
        every, "last_name", "last_state", LAST_KINDS,
        true=model.people.last_name(), observed=model.names.last_name(),
    )  # fmt: skip


def _addresses(model: Model, persons: pl.LazyFrame) -> Iterator[pl.LazyFrame]:
    changed = persons.filter(pl.col("address_state") > 0).with_columns(
        noise_kind=gather(ADDRESS_KINDS, pl.col("address_state")),
        observed_line=model.homes.shown_address(),
        observed_city=model.homes.city_name(),
    )
    changed = model.homes.placed(changed)
    yield changed.with_columns(
        column_name=pl.lit("address_line1"),
        true_value=model.homes.address(),
        observed_value="observed_line",
    )
    yield changed.filter("moved").with_columns(
        column_name=pl.lit("city"),
        true_value=model.homes.city_name(),
        observed_value="observed_city",
    )


def generate(scenario: IdentityScenario, partition: Partition) -> pl.LazyFrame:
    """The edits of a partition of all records.

    Args:
        scenario: Seed and volumes.
        partition: Row numbers to generate.
    """
    model = open_model(scenario)
    columns = ["row", *IdentityEdits.columns()]
    frames = []
    for source, rows, before in source_partitions(model, partition):
        of = SOURCES[source]
        for changed in edits(model, source, rows):
            # A few values are shown as they are: a move within the city, two equal names swapped.
            changed = changed.filter(pl.col("true_value") != pl.col("observed_value"))
            records = of.records(changed.with_columns(source=pl.lit(of.table)), rows)
            frames.append(records.with_columns(row=pl.col("row") + before).select(columns))
    if not frames:
        schema = {name: column.dtype for name, column in IdentityEdits.columns().items()}
        return pl.LazyFrame(schema={"row": pl.Int64, **schema})
    return pl.concat(frames).sort("row", "column_name")


def table(scenario: IdentityScenario) -> Table:
    """The table of edits.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Every identifier that a record shows otherwise than it is, with both values.",
        schema=IdentityEdits,
        partitioning=partitioning,
        # Partitioned by records: how many of them were changed is known only when they are frames.
        source=Generated(evenly(partitioning, lambda scenario: scenario.scale), generate),
        code_version="4",
        deps=[source.table for source in SOURCES.values() if source.mail],
        checks=[
            noise_rates(),
            accepted_values("noise_kind", KINDS),
            holds(
                "edited_value_differs",
                "Both values differ.",
                pl.col("true_value") != pl.col("observed_value"),
            ),
        ],
        cluster_by=["record_id"],
    )
