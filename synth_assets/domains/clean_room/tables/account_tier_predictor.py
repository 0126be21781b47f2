"""The model that predicts account tiers, trained on the training snapshot: one row with scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import dataframely as dy
import polars as pl
from polars import selectors as cs
from pydantic import TypeAdapter

from synth_assets.core.check_result import CheckResult
from synth_assets.core.location import TableLocation
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import WHOLE_KEY, Unpartitioned
from synth_assets.core.sources import Derived
from synth_assets.domains.clean_room.account_tier.enriched import enriched
from synth_assets.domains.clean_room.account_tier.evaluation import Evaluation
from synth_assets.domains.clean_room.account_tier.predictor import Predictor
from synth_assets.domains.clean_room.account_tier.storage import from_json, to_json
from synth_assets.domains.clean_room.scenario import DOMAIN, CleanRoomScenario, scenario_of
from synth_assets.domains.clean_room.tables import provider_users, users

NAME = "account_tier_predictor"
# From this strength on the model must be better than the baseline.
STRONG = 0.5
# Standard errors of a gain that chance may reach, and that a gain must reach at least.
LUCK, PROOF = 3.0, 2.0
# Users held out from which on the gain must be proven; of fewer a sound model may show none.
ENOUGH = 200
EVALUATION = TypeAdapter(Evaluation)
# The gain of a model over its baseline, the least gain that proves something, and the largest gain
# by chance.
Gain = tuple[float, float, float]


class AccountTierPredictor(dy.Schema):
    """A predictor, evaluated on users who were held out of its training."""

    # No key: the model is too long for an index, and the table has one row.
    model = dy.String(description="The model, as JSON; loading it runs no code.")
    rows = dy.Int64(description="Users it was evaluated on.")
    accuracy = dy.Float64(description="Share of users with the right tier predicted.")
    baseline_accuracy = dy.Float64(description="Accuracy of always predicting the commonest tier.")
    log_loss = dy.Float64(description="Mean negative log likelihood, nats.")
    baseline_log_loss = dy.Float64(description="Log loss of the tiers' shares as probabilities.")
    log_loss_gain = dy.Float64(description="Baseline log loss minus log loss, nats.")
    log_loss_gain_error = dy.Float64(description="Standard error of the gain.")
    macro_f1 = dy.Float64(description="Mean F1 of the tiers.")
    expected_calibration_error = dy.Float64(
        description="Mean distance of predicted probabilities from observed shares."
    )
    evaluation = dy.String(description="The whole evaluation, as JSON.")


def derive(stored: TableView, key: str) -> pl.LazyFrame:
    """Train and evaluate the model.

    Args:
        stored: The table, with access to its sources.
        key: The only partition.
    """
    # Imported here, since importing what training needs takes seconds.
    from synth_assets.domains.clean_room.account_tier.evaluation import evaluate
    from synth_assets.domains.clean_room.account_tier.split import split
    from synth_assets.domains.clean_room.account_tier.training import train

    known, seed = enriched(stored, "training"), scenario_of(stored).seed
    predictor = train(known, seed)
    judged = evaluate(predictor, split(known, seed).held_out)
    numbers = judged.numbers()
    row = {name: numbers[name] for name in AccountTierPredictor.column_names() if name in numbers}
    evaluation = EVALUATION.dump_json(judged).decode()
    return pl.LazyFrame([row | {"model": to_json(predictor), "evaluation": evaluation}])


def load(stored: TableView) -> Predictor:
    """Read the stored model.

    Args:
        stored: Any table of the domain.

    Raises:
        UserError: The stored text is not a predictor.
    """
    row = stored.other(NAME).all().select("model").collect()
    return from_json(row.item(), where=f"{DOMAIN}/{NAME}")


def plots(rows: pl.DataFrame) -> Mapping[str, str]:
    """Confusion matrix and calibration of the stored evaluation, as Markdown.

    Args:
        rows: The table's row.
    """
    from synth_assets.domains.clean_room.account_tier.plots import (
        as_markdown,
        calibration_plot,
        confusion_matrix_plot,
    )

    judged = EVALUATION.validate_json(rows["evaluation"].item())
    return {
        "confusion matrix": as_markdown(confusion_matrix_plot(judged), "Confusion matrix"),
        "calibration": as_markdown(calibration_plot(judged), "Calibration"),
    }


def finds_what_there_is(
    doc: str, gain_of: Callable[[Mapping[str, Any]], Gain], unit: str = ""
) -> Check:
    """The model beats its baseline if tiers follow from who a user is, and not if they do not.

    Args:
        doc: What the check means, for users.
        gain_of: Gives the gain from the numbers of the table's row.
        unit: The unit of the gain, with a space before it.
    """

    def measure(stored: TableView) -> list[CheckResult]:
        strength = scenario_of(stored).tier_strength
        row = stored.all().select(cs.numeric()).collect().row(0, named=True)
        gain, proof, luck = gain_of(row)
        low = proof if strength >= STRONG else -float("inf")
        high = luck if strength == 0 else float("inf")
        numbers = {name: float(v) for name, v in row.items() if v is not None}
        bound = f"{low:g} to {high:.4g}{unit} at strength {strength:g}"
        return [CheckResult(None, low <= gain <= high, gain, bound, numbers)]

    return Check("model_skill_matches_signal", doc, measure, per_partition=False)


def _log_loss_gain(row: Mapping[str, Any]) -> Gain:
    proof = PROOF if row["rows"] >= ENOUGH else -LUCK
    return row["log_loss_gain"] / row["log_loss_gain_error"], proof, LUCK


def table(scenario: CleanRoomScenario) -> Table:
    """The table of the model.

    Args:
        scenario: The scenario.
    """
    schema = scenario.provider_schema
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="A model of the provider's tiers by what the merchant knows (logistic regression).",
        schema=AccountTierPredictor,
        partitioning=Unpartitioned(),
        source=Derived(derive),
        deps=[users.NAME, provider_users.NAME],
        tags={"party": "provider"},
        code_version="4",
        location=TableLocation(schema, {WHOLE_KEY: ""}),
        plots=plots,
        checks=[
            finds_what_there_is(
                "The model is better than the tiers' shares (log loss, on users held out) where "
                f"the strength is {STRONG:g} or more, and no better where it is 0.",
                _log_loss_gain,
                " standard errors",
            )
        ],
    )
