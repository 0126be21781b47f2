"""The model that tells tiers, learnt from the training snapshot: one row, with how good it is."""

from __future__ import annotations

from collections.abc import Mapping

import dataframely as dy
import polars as pl
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
from synth_assets.domains.clean_room.model import DOMAIN
from synth_assets.domains.clean_room.scenario import scenario_of
from synth_assets.domains.clean_room.tables import provider_users, users

NAME = "account_tier_predictor"
# From this strength on the model must find something; errors are standard errors.
STRONG, LUCK, PROOF = 0.5, 3.0, 2.0
EVALUATION = TypeAdapter(Evaluation)


class AccountTierPredictor(dy.Schema):
    """A predictor, judged by users who were held out of its training."""

    model = dy.String(primary_key=True, description="The model, as JSON; loading it runs no code.")
    rows = dy.Int64(description="Users by whom it was judged.")
    accuracy = dy.Float64(description="Share of them whose tier it told.")
    baseline_accuracy = dy.Float64(description="The same of always telling the commonest tier.")
    log_loss = dy.Float64(description="Mean negative log likelihood, nats.")
    baseline_log_loss = dy.Float64(description="The same of the tiers' shares.")
    log_loss_gain = dy.Float64(description="How much better it is than these, nats.")
    log_loss_gain_error = dy.Float64(description="Standard error of the gain.")
    macro_f1 = dy.Float64(description="Mean F1 of the tiers.")
    expected_calibration_error = dy.Float64(
        description="How far its probabilities are from what came true, on average."
    )
    evaluation = dy.String(description="The whole evaluation, as JSON.")


def derive(stored: TableView, key: str) -> pl.LazyFrame:
    """Trains and judges the model."""
    # Training and all it needs is imported when it is wanted: it takes seconds.
    from synth_assets.domains.clean_room.account_tier.evaluation import evaluate
    from synth_assets.domains.clean_room.account_tier.training import split, train

    known, seed = enriched(stored, "training"), scenario_of(stored).seed
    predictor = train(known, seed)
    judged = evaluate(predictor, split(known, seed).held_out)
    numbers = judged.numbers()
    row = {name: numbers[name] for name in AccountTierPredictor.column_names() if name in numbers}
    told = EVALUATION.dump_json(judged).decode()
    return pl.LazyFrame([row | {"model": to_json(predictor), "evaluation": told}])


def load(stored: TableView) -> Predictor:
    """The stored model."""
    row = stored.other(NAME).all().select("model").collect()
    return from_json(row.item(), where=f"{DOMAIN}/{NAME}")


def plots(rows: pl.DataFrame) -> Mapping[str, str]:
    """Confusion matrix and calibration of the stored evaluation, as Markdown."""
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


def finds_what_there_is() -> Check:
    """The model beats the tiers' shares where tiers follow from who a user is, and not else."""

    def measure(stored: TableView) -> list[CheckResult]:
        strength = scenario_of(stored).tier_strength
        row = stored.all().drop("model", "evaluation").collect().row(0, named=True)
        gain = row["log_loss_gain"] / row["log_loss_gain_error"]
        low = PROOF if strength >= STRONG else -float("inf")
        high = LUCK if strength == 0 else float("inf")
        numbers = {name: float(v) for name, v in row.items() if isinstance(v, int | float)}
        bound = f"{low:g} to {high:g} standard errors at strength {strength:g}"
        return [CheckResult(None, low <= gain <= high, gain, bound, numbers)]

    doc = (
        "The model is better than the tiers' shares (log loss, on users held out) where the "
        f"strength is {STRONG:g} or more, and no better where it is 0."
    )
    return Check("finds_what_there_is", doc, measure, per_partition=False)


def table(schema: str) -> Table:
    """The table."""
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="A model of the provider's tiers by what the merchant knows (logistic regression).",
        schema=AccountTierPredictor,
        partitioning=Unpartitioned(),
        source=Derived(derive),
        deps=[users.NAME, provider_users.NAME],
        tags={"party": "provider"},
        code_version="2",
        location=TableLocation(schema, {WHOLE_KEY: ""}),
        plots=plots,
        checks=[finds_what_there_is()],
    )
