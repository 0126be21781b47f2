"""The tables of predictor and predictions if BigQuery ML trains the model.

Each is the result of a statement: BigQuery's evaluation of its model, and the predictions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import sqrt
from typing import Any

import dataframely as dy

from synth_assets.core.location import TableLocation
from synth_assets.core.model import Table
from synth_assets.core.partitioning import WHOLE_KEY
from synth_assets.core.sources import Queried
from synth_assets.domains.clean_room.account_tier.bigquery import (
    BigQueryNames,
    create_model,
    evaluate_query,
    predict_query,
)
from synth_assets.domains.clean_room.scenario import CleanRoomScenario
from synth_assets.domains.clean_room.tables import account_tier_predictions as predictions_table
from synth_assets.domains.clean_room.tables import account_tier_predictor as predictor_table
from synth_assets.domains.clean_room.tables.account_tier_predictor import LUCK, STRONG, Gain

# In a data set names are unique, and the model has the predictor's name.
SUFFIX = "_evaluation"


class AccountTierEvaluation(dy.Schema):
    """A model of BigQuery, evaluated on users whom BigQuery held out of its training."""

    model = dy.String(primary_key=True, description="Where the model is: project.dataset.name.")
    users = dy.Int64(description="Users of both parties, including those held out.")
    accuracy = dy.Float64(description="Share of held-out users with the right tier predicted.")
    baseline_accuracy = dy.Float64(description="Accuracy of always predicting the commonest tier.")
    log_loss = dy.Float64(description="Mean negative log likelihood, nats.")
    baseline_log_loss = dy.Float64(description="Log loss of the tiers' shares as probabilities.")
    macro_f1 = dy.Float64(description="Mean F1 of the tiers.")
    roc_auc = dy.Float64(nullable=True, description="Area under the ROC curve, over all tiers.")
    confusion = dy.String(description="The confusion matrix, as JSON.")


def names_of(scenario: CleanRoomScenario) -> BigQueryNames:
    """The names of the parties' tables in BigQuery.

    Args:
        scenario: The scenario, which has projects and schemas.
    """
    return BigQueryNames(
        scenario.merchant_project,
        scenario.provider_project,
        scenario.data_set_of("merchant"),
        scenario.data_set_of("provider"),
    )


def held_out(users: int) -> float:
    """The number of users whom BigQuery ML evaluates its model on.

    The default data_split_method AUTO_SPLIT, from BigQuery's reference of CREATE MODEL.

    Args:
        users: The number of users in the training tables.
    """
    return users if users < 500 else min(users * 0.2, 10_000)


def _accuracy_gain(row: Mapping[str, Any]) -> Gain:
    """The gain in accuracy over always predicting the commonest tier."""
    baseline = row["baseline_accuracy"]
    luck = LUCK * sqrt(baseline * (1 - baseline) / held_out(row["users"]))
    return row["accuracy"] - baseline, 0.0, luck


def predictor(scenario: CleanRoomScenario) -> Table:
    """The table that trains the model in BigQuery and stores its evaluation.

    Args:
        scenario: The scenario.
    """
    names, schema = names_of(scenario), scenario.provider_schema
    return replace(
        predictor_table.table(scenario),
        doc="BigQuery's own model of the provider's tiers by what the merchant knows.",
        schema=AccountTierEvaluation,
        source=Queried(f"{create_model(names)}\n{evaluate_query(names)}"),
        location=TableLocation(schema, {WHOLE_KEY: SUFFIX}),
        plots=None,
        checks=[
            predictor_table.finds_what_there_is(
                "BigQuery's model predicts more tiers than the commonest tier would where the "
                f"strength is {STRONG:g} or more, and no more than by luck where it is 0.",
                _accuracy_gain,
            )
        ],
    )


def predictions(scenario: CleanRoomScenario) -> Table:
    """The table of BigQuery's predictions.

    Args:
        scenario: The scenario.
    """
    return replace(
        predictions_table.table(scenario),
        source=Queried(predict_query(names_of(scenario))),
    )
