"""Ground truth of identities: the person of each record, and its edge case."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partition
from synth_assets.core.sources import Generated, evenly
from synth_assets.domains.identity_resolution.checks import edge_cases, overlaps, strata
from synth_assets.domains.identity_resolution.contact_noise import (
    MAIL_PLACEHOLDER,
    PHONE_PLACEHOLDER,
)
from synth_assets.domains.identity_resolution.contact_owners import FAMILY, GIANT, OF_COMPANY
from synth_assets.domains.identity_resolution.model import Model, open_model
from synth_assets.domains.identity_resolution.order_checks import bought_before
from synth_assets.domains.identity_resolution.records import SOURCES, source_partitions
from synth_assets.domains.identity_resolution.scenario import DOMAIN, IdentityScenario
from synth_assets.domains.identity_resolution.source_membership import MEMBERSHIPS, STRATA
from synth_assets.quality.row_counts import row_count
from synth_assets.quality.structural import accepted_values
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.values import numbered

NAME = "identity_truth"
EDGE_CASES = {
    "placeholder": "an identifier that stands for nothing",
    "disjoint": "a person whose records share no identifier",
    "giant_email": "an address on thousands of records",
    "company_email": "an address of a company",
    "family_email": "an address of a family",
    "business_phone": "a telephone of a company",
    "household_phone": "a telephone of a household",
}


class IdentityTruth(dy.Schema):
    """A record of one of the sources."""

    source = dy.String(primary_key=True, description="Table of the record.")
    record_id = dy.String(primary_key=True, description="Key of the record there.")
    person_id = dy.String(nullable=True, description="Who it is; null where nobody can know.")
    household_id = dy.String(nullable=True, description="The person's household.")
    segment = dy.String(nullable=True, description=f"The person is one of {', '.join(STRATA)}.")
    edge_case = dy.String(
        nullable=True,
        description="; ".join(f"{name}: {what}" for name, what in EDGE_CASES.items()),
    )


def person_id(person: pl.Expr) -> pl.Expr:
    """Id of a person.

    Args:
        person: The person's number.
    """
    return numbered("P", person, 1_000_000_000)


def edge_case(model: Model, source: str) -> pl.Expr:
    """The first of ``EDGE_CASES`` that a record belongs to; null if none.

    Reads the columns of ``Source.persons``.

    Args:
        model: The domain's model.
        source: The source of the records.
    """
    of, mail_owner = SOURCES[source], pl.col("mail_owner")
    hits: dict[str, pl.Expr] = {}
    if of.mail is not None:
        hits = {
            "placeholder": pl.col("mail_state") == MAIL_PLACEHOLDER,
            "disjoint": model.disjoint(),
            "giant_email": mail_owner == GIANT,
            "company_email": mail_owner == OF_COMPANY,
            "family_email": mail_owner == FAMILY,
        }
    if of.phone is not None:
        none = (pl.col("phone_state") >= PHONE_PLACEHOLDER).fill_null(value=False)
        hits["placeholder"] = hits["placeholder"].fill_null(value=False) | none
        hits["business_phone"] = pl.col("phone_owner") == OF_COMPANY
        hits["household_phone"] = pl.col("phone_owner") == FAMILY
    labels = [pl.when(hit).then(pl.lit(name)) for name, hit in hits.items()]
    return pl.coalesce(*labels, pl.lit(None, dtype=pl.String))


def generate(scenario: IdentityScenario, partition: Partition) -> pl.LazyFrame:
    """The records of all sources in a partition.

    Args:
        scenario: Seed and volumes.
        partition: Row numbers to generate.
    """
    model = open_model(scenario)
    strata = [
        next(name for name, (low, high, _) in STRATA.items() if low <= len(membership) <= high)
        for membership in MEMBERSHIPS
    ]
    frames = []
    for source, rows, before in source_partitions(model, partition):
        of = SOURCES[source]
        labelled = of.persons(model, rows).with_columns(
            source=pl.lit(of.table),
            person_id=person_id(pl.col("person")),
            household_id=numbered("H", pl.col("home"), 1_000_000_000),
            segment=pl.when(pl.col("person").is_not_null()).then(
                gather(strata, pl.col("membership"))
            ),
            edge_case=edge_case(model, source),
        )
        columns = list(IdentityTruth.columns())
        records = of.records(labelled, rows).with_columns(row=pl.col("row") + before)
        frames.append(records.select("row", *columns))
    return pl.concat(frames) if frames else pl.LazyFrame(schema={"row": pl.Int64, **_SCHEMA})


_SCHEMA = {name: column.dtype for name, column in IdentityTruth.columns().items()}


def table(scenario: IdentityScenario) -> Table:
    """The table of true identities.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Who is behind each record of the seven sources, and what makes it hard to tell.",
        schema=IdentityTruth,
        partitioning=partitioning,
        source=Generated(evenly(partitioning, lambda scenario: scenario.scale), generate),
        code_version="3",
        deps=[source.table for source in SOURCES.values()],
        checks=[
            row_count(),
            overlaps(),
            strata(),
            edge_cases(list(EDGE_CASES)),
            bought_before(),
            accepted_values("source", [source.table for source in SOURCES.values()]),
            accepted_values("edge_case", list(EDGE_CASES)),
        ],
        cluster_by=["person_id"],
    )
