"""A query of the provider: what the merchant knows of their common customers."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.model import Table
from synth_assets.domains.clean_room.scenario import CleanRoomScenario
from synth_assets.domains.clean_room.tables import provider_users, users
from synth_assets.domains.clean_room.use_cases.answers import answers
from synth_assets.domains.clean_room.use_cases.policies import list_overlap
from synth_assets.domains.clean_room.use_cases.sharing import PROVIDER, UseCase

USE_CASE = UseCase(
    name="user_enrichment",
    asker=PROVIDER,
    policies={users.NAME: list_overlap("email")},
    columns={users.NAME: ("email", "age", "gender", "country", "traffic_source")},
    query="""\
SELECT DISTINCT
    p.provider_user_id,
    m.age,
    m.gender,
    m.country AS merchant_customer_country,
    m.traffic_source
FROM
    {provider_users} AS p
JOIN
    {users} AS m ON p.email = m.email""",
)


class UserEnrichment(dy.Schema):
    """A user of the provider whom the merchant knows."""

    provider_user_id = dy.Int64(primary_key=True, description="The provider's id.")
    age = dy.Int64(description="Age in years, as the merchant has it.")
    gender = dy.String(description="M or F.")
    merchant_customer_country = dy.String(description="Country, as the merchant has it.")
    traffic_source = dy.String(description="How the user came to the merchant.")


def by_hand(read: dict[str, pl.LazyFrame]) -> pl.LazyFrame:
    """The answer computed without the clean room.

    Args:
        read: Both parties' tables of a split, by name.
    """
    known = read[users.NAME].select(
        "email", "age", "gender", "traffic_source", merchant_customer_country="country"
    )
    mine = read[provider_users.NAME].select("provider_user_id", "email")
    return mine.join(known, on="email").select(UserEnrichment.column_names()).unique()


def table(scenario: CleanRoomScenario) -> Table:
    """The table of answers.

    Args:
        scenario: The scenario.
    """
    schema = scenario.schema_of(USE_CASE.asker)
    doc = "What the merchant knows of the provider's users (list overlap on the e-mail address)."
    return answers(USE_CASE, UserEnrichment, schema, doc, by_hand)
