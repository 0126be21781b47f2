"""The statements for BigQuery are the documented ones, and names cannot break out of them."""

from __future__ import annotations

from dataclasses import fields

import pytest
import sqlglot
from sqlglot import exp

from synth_assets.core.errors import UserError
from synth_assets.domains.clean_room.account_tier.bigquery import (
    BigQueryNames,
    create_model,
    predict_query,
)
from synth_assets.domains.clean_room.account_tier.features import EMAIL, FEATURES, KEY, LABEL
from synth_assets.domains.clean_room.account_tier.predictor import PREDICTED, PROBS
from synth_assets_tests.domains.clean_room.brief import CREATE_MODEL, PREDICT

NAMES = BigQueryNames("your-merchant-project", "your-provider-project")


def test_statements_are_the_documented_ones() -> None:
    assert create_model(NAMES).split() == CREATE_MODEL.split()
    assert predict_query(NAMES).split() == PREDICT.split()


def test_the_statements_parse_as_what_they_are() -> None:
    (create,) = sqlglot.parse(create_model(NAMES), dialect="bigquery")
    assert isinstance(create, exp.Create)
    assert create.kind == "MODEL"
    assert create.expression.named_selects == [*FEATURES, LABEL]
    (query,) = sqlglot.parse(predict_query(NAMES), dialect="bigquery")
    assert isinstance(query, exp.Select)
    assert query.named_selects == [KEY, EMAIL, PREDICTED, PROBS]
    assert query.find(exp.Predict) is not None
    inner = [one for one in query.find_all(exp.Select) if one is not query]
    assert [one.named_selects for one in inner] == [[KEY, EMAIL, *FEATURES]]


def test_names_go_where_they_belong() -> None:
    names = BigQueryNames(
        "example.com:shop", "wallet", "m_data", "p_data", "tiers", "_train", "_today"
    )
    tables = {"`wallet.p_data.tiers`"}
    for text, suffix in ((create_model(names), "_train"), (predict_query(names), "_today")):
        sqlglot.parse_one(text, dialect="bigquery")
        ours = {
            f"`wallet.p_data.provider_users{suffix}`",
            f"`example.com:shop.m_data.users{suffix}`",
        }
        assert {f"`{part}`" for part in text.split("`")[1::2]} == tables | ours


@pytest.mark.parametrize("field", [one.name for one in fields(BigQueryNames)])
@pytest.mark.parametrize(
    "value",
    ["a` UNION ALL SELECT 1 --", "a.b", "a\nb", "a\\`b", "Ä", " a", "a;", "a'", "a\n", "a" * 2_000],
)
def test_names_that_are_none_are_refused(field: str, value: str) -> None:
    given = {"merchant_project": "shop", "provider_project": "wallet", field: value}
    with pytest.raises(UserError, match=rf"{field} must be .*, not "):
        BigQueryNames(**given)


@pytest.mark.parametrize("field", ["merchant_project", "provider_project", "model"])
def test_names_are_needed(field: str) -> None:
    with pytest.raises(UserError, match=f"{field} must be"):
        BigQueryNames(**{"merchant_project": "shop", "provider_project": "wallet", field: ""})
