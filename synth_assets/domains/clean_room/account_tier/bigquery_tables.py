"""Predictor and predictions where BigQuery ML learns: each the answer to a statement.

What the assets hold is then what BigQuery says of its model, and what that predicts.
"""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import dataframely as dy

from synth_assets.core.check_result import CheckResult
from synth_assets.core.location import TableLocation
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import WHOLE_KEY
from synth_assets.core.sources import Queried
from synth_assets.domains.clean_room.account_tier.bigquery import (
    BigQueryNames,
    create_model,
    evaluate_query,
    predict_query,
)
from synth_assets.domains.clean_room.scenario import CleanRoomScenario, scenario_of
from synth_assets.domains.clean_room.tables import account_tier_predictions as predictions_table
from synth_assets.domains.clean_room.tables import account_tier_predictor as predictor_table
from synth_assets.domains.clean_room.tables.account_tier_predictor import LUCK, STRONG

# A data set has one thing of a name, and the model has the predictor's.
SUFFIX = "_evaluation"


class AccountTierEvaluation(dy.Schema):
    """A model of BigQuery, judged by users whom BigQuery held out of its training."""

    model = dy.String(primary_key=True, description="Where the model is: project.dataset.name.")
    users = dy.Int64(description="Users of both parties, of whom some were held out.")
    accuracy = dy.Float64(description="Share of those held out whose tier it told.")
    baseline_accuracy = dy.Float64(description="The same of always telling the commonest tier.")
    log_loss = dy.Float64(description="Mean negative log likelihood, nats.")
    baseline_log_loss = dy.Float64(description="The same of the tiers' shares.")
    macro_f1 = dy.Float64(description="Mean F1 of the tiers.")
    roc_auc = dy.Float64(nullable=True, description="Area under the ROC curve, of all tiers.")
    confusion = dy.String(description="The confusion matrix, as JSON.")


def names_of(scenario: CleanRoomScenario) -> BigQueryNames:
    """Where the parties' tables are by the scenario."""
    return BigQueryNames(
        scenario.merchant_project,
        scenario.provider_project,
        scenario.data_set_of("merchant"),
        scenario.data_set_of("provider"),
    )


def held_out(users: int) -> float:
    """Users whom BigQuery ML holds out of so many when it is left to itself (AUTO_SPLIT)."""
    return users if users < 500 else min(users * 0.2, 10_000)


def finds_what_there_is() -> Check:
    """The same as of the model that is made here, as far as BigQuery tells."""

    def measure(stored: TableView) -> list[CheckResult]:
        strength = scenario_of(stored).tier_strength
        row = stored.all().collect().row(0, named=True)
        guess = row["baseline_accuracy"]
        luck = LUCK * sqrt(guess * (1 - guess) / held_out(row["users"]))
        gain = row["accuracy"] - guess
        low = 0.0 if strength >= STRONG else -float("inf")
        high = luck if strength == 0 else float("inf")
        numbers = {name: float(v) for name, v in row.items() if isinstance(v, int | float)}
        bound = f"{low:g} to {high:.4g} at strength {strength:g}"
        return [CheckResult(None, low <= gain <= high, gain, bound, numbers)]

    doc = (
        "BigQuery's model tells more tiers than telling the commonest does where the strength is "
        f"{STRONG:g} or more, and no more than by luck where it is 0."
    )
    return Check("finds_what_there_is", doc, measure, per_partition=False)


def predictor(scenario: CleanRoomScenario) -> Table:
    """Trains the model and holds what BigQuery says of it."""
    names, schema = names_of(scenario), scenario.provider_schema
    return replace(
        predictor_table.table(schema),
        doc="BigQuery's own model of the provider's tiers by what the merchant knows.",
        schema=AccountTierEvaluation,
        source=Queried(f"{create_model(names)}\n{evaluate_query(names)}"),
        location=TableLocation(schema, {WHOLE_KEY: SUFFIX}),
        plots=None,
        checks=[finds_what_there_is()],
    )


def predictions(scenario: CleanRoomScenario) -> Table:
    """What that model predicts."""
    return replace(
        predictions_table.table(scenario.provider_schema),
        source=Queried(predict_query(names_of(scenario))),
    )
