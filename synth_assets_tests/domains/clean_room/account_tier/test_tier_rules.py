"""The stored model and predictions pass their checks, and every check fails on corrupted data."""

from __future__ import annotations

import polars as pl
import pytest

from synth_assets.core.model import Domain, TableView
from synth_assets.domains.clean_room.tables import account_tier_predictions as predictions_table
from synth_assets.domains.clean_room.tables import account_tier_predictor as predictor_table
from synth_assets.quality.structural import checks_of
from synth_assets_tests.domains.clean_room.made import parties
from synth_assets_tests.domains.clean_room.spoiling import Spoil, first
from synth_assets_tests.quality.memory import Memory, judge

MODEL, PREDICTED = predictor_table.NAME, predictions_table.NAME
Made = tuple[Domain, Memory]


@pytest.fixture(scope="module")
def made() -> Made:
    """Both parties' tables, the model, and what it predicts."""
    # As many as it takes to prove that the model finds something.
    domain, reader = parties(users=30_000)
    slices = dict(reader.slices)
    for name in (MODEL, PREDICTED):
        here = TableView(domain, domain.table(name), ["all"], Memory(slices), domain.scenario)
        slices[name] = {
            partition.key: rows.collect() for partition, rows in here.table.source.partitions(here)
        }
    return domain, Memory(slices)


def surer(frame: pl.DataFrame) -> pl.DataFrame:
    """Every probability is a little larger."""
    label, prob = (pl.element().struct.field(name) for name in ("label", "prob"))
    return frame.with_columns(
        pl.col("predicted_account_tier_probs").list.eval(pl.struct(label, prob=prob + 0.01))
    )


SPOILT: dict[tuple[str, str], Spoil] = {
    (MODEL, "model_skill_matches_signal"): first("log_loss_gain", 0.0),
    (PREDICTED, "accepted_predicted_account_tier"): first("predicted_account_tier", "Gold"),
    (PREDICTED, "fk_provider_user_id"): first("provider_user_id", 10**9),
    (PREDICTED, "probabilities_sum_to_one"): surer,
}


def passed(made: Made, reader: Memory, table: str, check: str) -> list[bool]:
    judged = next(r for r in checks_of(made[0].table(table)) if r.name == check)
    return [result.passed for result in judge(judged, made[0], table, reader)]


def test_every_rule_is_spoilt(made: Made) -> None:
    checks = {(t, r.name) for t in (MODEL, PREDICTED) for r in checks_of(made[0].table(t))}
    assert set(SPOILT) == {
        (t, r)
        for t, r in checks
        if r not in ("schema", "row_count_as_written", "one_scenario", "primary_key")
    }


@pytest.mark.parametrize(("table", "check"), list(SPOILT), ids=str)
def test_a_rule_fails_where_what_it_names_breaks(table: str, check: str, made: Made) -> None:
    sound = made[1].slices
    assert all(passed(made, made[1], table, check))
    bad = SPOILT[table, check](sound[table]["all"])
    assert not all(passed(made, Memory(sound | {table: {"all": bad}}), table, check))


def test_the_stored_model_predicts_what_is_stored(made: Made) -> None:
    domain, reader = made
    here = TableView(domain, domain.table(PREDICTED), ["all"], reader, domain.scenario)
    predicted = reader.slices[PREDICTED]["all"]
    assert predictions_table.derive(here, "all").collect().equals(predicted)
    assert predicted["provider_user_id"].is_unique().all()
