"""BigQuery ML behind the same two assets: the statements sent to it, and the rows stored of it.

The emulator has no models, so a proxy replaces those statements by other queries.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import dagster as dg
import polars as pl
import pytest
import sqlglot

from synth_assets.core.model import Domain, TableView
from synth_assets.domains.clean_room.account_tier import bigquery_tables
from synth_assets.domains.clean_room.account_tier.bigquery import create_model, predict_query
from synth_assets.domains.clean_room.scenario import scenario_of
from synth_assets.orchestration.build import build_definitions
from synth_assets.orchestration.home import open_instance
from synth_assets.orchestration.runs import RunOutcome, launch
from synth_assets.orchestration.settings import Settings
from synth_assets.quality.structural import checks_of
from synth_assets.stores.bigquery.service import EMULATOR
from synth_assets_tests.domains.clean_room.made import clean_room
from synth_assets_tests.quality.memory import Memory
from synth_assets_tests.servers import REAL_PROJECT
from synth_assets_tests.stores.bigquery_proxy import Fault, Proxy, proxied

PREDICTOR = dg.AssetKey(["clean_room", "account_tier_predictor"])
PREDICTIONS = dg.AssetKey(["clean_room", "account_tier_predictions"])
EVALUATED = """
    SELECT 'p.d.m' AS model, 4000 AS users, 0.64 AS accuracy, 0.59 AS baseline_accuracy,
        0.75 AS log_loss, 0.96 AS baseline_log_loss, 0.5 AS macro_f1, 0.8 AS roc_auc,
        '[]' AS confusion
"""
PREDICTED = """
    SELECT 7 AS provider_user_id, 'a@example.com' AS email, 'Free' AS predicted_account_tier,
        [STRUCT('Free' AS label, 0.75 AS prob), STRUCT('Business' AS label, 0.25 AS prob)]
            AS predicted_account_tier_probs
"""

pytestmark = pytest.mark.skipif(REAL_PROJECT, reason="the queries are answered by others")


@pytest.fixture
def bigquery(
    bigquery_project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Proxy, Domain]]:
    """The server in front of the emulator, and a domain that trains its model in BigQuery."""
    with proxied(os.environ[EMULATOR]) as proxy:
        proxy.instead |= {"ML.EVALUATE": EVALUATED, "ML.PREDICT": PREDICTED}
        monkeypatch.setenv(EMULATOR, proxy.url)
        monkeypatch.setenv("SYNTH_HOME", str(tmp_path))
        monkeypatch.setenv("SYNTH_STORE", "bigquery")
        monkeypatch.setenv("SYNTH_BIGQUERY_PROJECT", bigquery_project)
        schema = f"wallet_{uuid4().hex[:8]}"
        yield (
            proxy,
            clean_room(  # type: ignore[misc]
                model_on="bigquery",
                provider_project=bigquery_project,
                merchant_project="some-shop",
                provider_schema=schema,
            ),
        )


Backend = tuple[Proxy, Domain]


def readable(script: str) -> str:
    """The script without MODEL arguments, which sqlglot parses only in ML.PREDICT."""
    return re.sub(r"\(MODEL `[^`]*`\)", "()", script)


def _run(domain: Domain) -> RunOutcome:
    settings = Settings.from_environment()
    defs = build_definitions([domain], settings, with_dbt=False)
    with open_instance(settings) as instance:
        return launch(defs, [PREDICTOR, PREDICTIONS], [], instance)


@pytest.mark.slow
def test_the_assets_train_and_predict_there(bigquery: Backend) -> None:
    proxy, domain = bigquery
    outcome = _run(domain)
    assert outcome.success, outcome.failures
    names = bigquery_tables.names_of(scenario_of(domain))
    training, predicting = (q["query"] for q in proxy.queries() if "ML." in q["query"])
    assert training.startswith(create_model(names))
    assert predicting == predict_query(names)
    assert "`some-shop.merchant_provider.users`" in training
    create, evaluate = sqlglot.parse(readable(training), dialect="bigquery")
    assert create is not None
    assert create.key == "create"
    assert evaluate is not None
    assert evaluate.named_selects == bigquery_tables.AccountTierEvaluation.column_names()
    stores = Settings.from_environment().open_stores()
    evaluation = stores.scan(domain.table("account_tier_predictor")).collect()
    assert evaluation.select("users", "accuracy").row(0) == (4000, 0.64)
    predicted = stores.scan(domain.table("account_tier_predictions")).collect()
    assert predicted["predicted_account_tier_probs"].to_list() == [
        [{"label": "Free", "prob": 0.75}, {"label": "Business", "prob": 0.25}]
    ]


@pytest.mark.parametrize(
    ("status", "reason", "message", "said"),
    [
        (403, "accessDenied", "Access Denied: Permission bigquery.models.create", "Access Denied"),
        (404, "notFound", "Not found: Project some-shop", "Not found: Project some-shop"),
    ],
)
def test_refused_and_unknown_resources_are_named(
    bigquery: Backend, status: int, reason: str, message: str, said: str
) -> None:
    proxy, domain = bigquery
    proxy.faults.append(Fault("CREATE OR REPLACE MODEL", status, reason, 9, message=message))
    outcome = _run(domain)
    assert outcome.wrong_input
    assert any(said in failure for failure in outcome.failures), outcome.failures
    stores = Settings.from_environment().open_stores()
    assert stores.describe(domain.table("account_tier_predictor")) == {}


@pytest.mark.parametrize(
    ("strength", "accuracy", "passed"),
    [(0.7, 0.64, True), (0.7, 0.58, False), (0.0, 0.60, True), (0.0, 0.66, False)],
)
def test_its_gate_requires_a_gain_over_the_baseline_only_if_there_is_a_signal(
    strength: float, accuracy: float, passed: bool
) -> None:
    domain = clean_room(model_on="bigquery", tier_strength=strength)
    table = domain.table("account_tier_predictor")
    row = {
        "model": "p.d.m", "users": 4000, "accuracy": accuracy, "baseline_accuracy": 0.59,
        "log_loss": 0.75, "baseline_log_loss": 0.96, "macro_f1": 0.5, "roc_auc": None,
        "confusion": "[]",
    }  # fmt: skip
    reader = Memory({table.name: {"all": pl.DataFrame([row])}})
    (check,) = (check for check in checks_of(table) if check.name == "model_skill_matches_signal")
    (result,) = check.measure(TableView(domain, table, ["all"], reader, domain.scenario))
    assert result.passed is passed
