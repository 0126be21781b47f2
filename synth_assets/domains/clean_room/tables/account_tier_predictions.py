"""Tiers that the model predicts for the users of the inference snapshot."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.location import TableLocation
from synth_assets.core.model import Table, TableView
from synth_assets.core.partitioning import WHOLE_KEY, Unpartitioned
from synth_assets.core.schema import pii
from synth_assets.core.sources import Derived
from synth_assets.domains.clean_room.account_tier.enriched import enriched
from synth_assets.domains.clean_room.account_tier.features import TIERS
from synth_assets.domains.clean_room.scenario import DOMAIN, CleanRoomScenario
from synth_assets.domains.clean_room.tables import account_tier_predictor as predictor_table
from synth_assets.domains.clean_room.tables import provider_users, users
from synth_assets.quality.keys import foreign_key
from synth_assets.quality.structural import accepted_values, holds

NAME = "account_tier_predictions"


class AccountTierPredictions(dy.Schema):
    """A user of both parties, as BigQuery's ML.PREDICT would have it."""

    provider_user_id = dy.Int64(primary_key=True, min=1, description="The provider's id.")
    email = dy.String(description="E-mail address.", metadata=pii("email"))
    predicted_account_tier = dy.String(description=f"One of {', '.join(TIERS)}.")
    predicted_account_tier_probs = dy.List(
        dy.Struct({"label": dy.String(), "prob": dy.Float64()}),
        description="Every tier with its probability, the likeliest first.",
    )


def derive(stored: TableView, key: str) -> pl.LazyFrame:
    """Predict the tiers of the inference snapshot.

    Args:
        stored: The table, with access to its sources.
        key: The only partition.
    """
    from synth_assets.domains.clean_room.account_tier.predictor import predict

    return predict(predictor_table.load(stored), enriched(stored, "inference")).lazy()


def table(scenario: CleanRoomScenario) -> Table:
    """The table of predictions.

    Args:
        scenario: The scenario.
    """
    schema = scenario.provider_schema
    probability = pl.col("predicted_account_tier_probs").list.eval(
        pl.element().struct.field("prob")
    )
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Tiers that the model predicts for users of the inference snapshot, of both parties.",
        schema=AccountTierPredictions,
        partitioning=Unpartitioned(),
        source=Derived(derive),
        deps=[predictor_table.NAME, users.NAME, provider_users.NAME],
        tags={"party": "provider"},
        code_version="4",
        location=TableLocation(schema, {WHOLE_KEY: ""}),
        checks=[
            accepted_values("predicted_account_tier", list(TIERS)),
            foreign_key("provider_user_id", provider_users.NAME, "provider_user_id"),
            holds(
                "probabilities_sum_to_one",
                "The probabilities of a user's tiers sum to one.",
                (probability.list.sum() - 1).abs() < 1e-9,
            ),
        ],
    )
