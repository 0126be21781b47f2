"""The four requested queries, against plain references with the rule applied by hand."""

from __future__ import annotations

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from synth_assets.domains.clean_room.analysis_rules import CleanRoom
from synth_assets.domains.clean_room.analysis_rules.errors import PrivacyClauseRequiredError
from synth_assets_tests.domains.clean_room.analysis_rules.made import (
    THRESHOLD,
    M,
    P,
    orders,
    provider_users,
    transactions,
    users,
)

VERIFICATION = f"""
SELECT DISTINCT
    m.order_id
FROM
    `{M}.orders` AS m
INNER JOIN
    `{P}.transactions` AS p
    ON m.order_id = p.order_id;
"""
SEGMENTS = f"""
-- average order value by tier
SELECT {{clause}}
    p.account_tier,
    AVG(t.transaction_amount) AS average_order_value,
    COUNT(DISTINCT u.id) AS number_of_customers
FROM
    `{M}.users` AS u
JOIN
    `{P}.provider_users` AS p ON u.email = p.email
JOIN
    `{M}.orders` AS o ON u.id = o.user_id
JOIN
    `{P}.transactions` AS t ON o.order_id = t.order_id
GROUP BY 1
HAVING COUNT(DISTINCT u.id) >= 50  -- Example threshold for demo purposes
ORDER BY 2 DESC;
"""
TRUST = f"""
SELECT {{clause}}
    p.is_verified_user,
    COUNT(DISTINCT u.id) AS number_of_customers
FROM
    `{M}.users` AS u
JOIN
    `{P}.provider_users` AS p ON u.email = p.email
GROUP BY 1
HAVING COUNT(DISTINCT u.id) >= 50;
"""
ENRICHMENT = f"""
SELECT DISTINCT
    p.provider_user_id, m.age, m.gender, m.country AS merchant_customer_country, m.traffic_source
FROM
    `{P}_base.users` AS p
JOIN
    `{M}.users_view` AS m ON p.email = m.email;
"""
CLAUSE = "WITH AGGREGATION_THRESHOLD OPTIONS(threshold=50, privacy_unit_column=email)"


def test_transaction_verification_lists_the_overlap(clean_room: CleanRoom) -> None:
    expected = orders().join(transactions(), on="order_id").select(pl.col("order_id").unique())
    assert_frame_equal(
        clean_room.run(VERIFICATION, "merchant").sort("order_id"), expected.sort("order_id")
    )


@pytest.mark.parametrize("clause", [CLAUSE, "WITH AGGREGATION_THRESHOLD"])
def test_segments_are_those_with_enough_customers(clean_room: CleanRoom, clause: str) -> None:
    joined = (
        users()
        .join(provider_users(), on="email")
        .join(orders(), left_on="id", right_on="user_id")
        .join(transactions(), on="order_id")
    )
    groups = joined.group_by("account_tier").agg(
        pl.col("transaction_amount").mean().alias("average_order_value"),
        pl.col("id").n_unique().cast(pl.Int64).alias("number_of_customers"),
        pl.col("email").n_unique().alias("units"),
    )
    assert groups.filter(pl.col("units") < THRESHOLD).height >= 2, "nothing would be dropped"
    expected = groups.filter(pl.col("units") >= THRESHOLD).drop("units")
    expected = expected.sort("average_order_value", descending=True)
    assert_frame_equal(clean_room.run(SEGMENTS.format(clause=clause), "merchant"), expected)


def test_trust_counts_customers(clean_room: CleanRoom) -> None:
    joined = users().join(provider_users(), on="email")
    expected = joined.group_by("is_verified_user").agg(
        pl.col("id").n_unique().cast(pl.Int64).alias("number_of_customers")
    )
    got = clean_room.run(TRUST.format(clause=CLAUSE), "merchant")
    assert_frame_equal(got, expected, check_row_order=False)


def test_enrichment_lists_the_overlap_for_the_provider(clean_room: CleanRoom) -> None:
    expected = (
        provider_users()
        .join(users(), on="email")
        .select(
            "provider_user_id",
            "age",
            "gender",
            pl.col("country").alias("merchant_customer_country"),
            "traffic_source",
        )
    )
    assert_frame_equal(clean_room.run(ENRICHMENT, "provider"), expected, check_row_order=False)


@pytest.mark.parametrize("query", [SEGMENTS, TRUST])
def test_the_printed_form_is_refused_as_bigquery_refuses_it(
    clean_room: CleanRoom, query: str
) -> None:
    with pytest.raises(PrivacyClauseRequiredError) as refused:
        clean_room.run(query.format(clause=""), "merchant")
    assert str(refused.value) == (
        "You must use SELECT WITH AGGREGATION_THRESHOLD for this query because a privacy policy "
        "has been set by a data owner."
    )


def test_own_tables_are_read_freely(clean_room: CleanRoom) -> None:
    sql = f"""WITH x AS (SELECT *, RANK() OVER (PARTITION BY gender ORDER BY age) AS r
              FROM `{M}.users`) SELECT x.gender, MAX(x.age) AS oldest FROM x LEFT JOIN
              `{M}.orders` o ON o.user_id = x.id AND o.order_id IN (SELECT order_id FROM
              `{M}.orders`) WHERE x.id IN (SELECT user_id FROM `{M}.orders`) GROUP BY gender"""
    assert clean_room.run(sql, "merchant").sort("gender")["oldest"].to_list() == [69, 69]


def test_released_rows_can_be_worked_on(clean_room: CleanRoom) -> None:
    sql = f"""WITH tiers AS (SELECT WITH AGGREGATION_THRESHOLD p.account_tier AS Tier,
                COUNT(*) AS n FROM `{P}.open_users` AS p GROUP BY Tier)
              SELECT Tier, n, n / SUM(n) OVER () AS Share FROM tiers
              UNION ALL SELECT 'all', SUM(n), 1.0 FROM tiers ORDER BY n"""
    got = clean_room.run(sql, "merchant")
    assert got.columns == ["Tier", "n", "Share"]
    assert got["Tier"].to_list() == ["Premium", "Free", "all"]
    assert got["n"][2] == got["n"][0] + got["n"][1]


@pytest.mark.parametrize(
    "group", ["1", "account_tier", "p.account_tier", "Tier", "`ACCOUNT_TIER`", "1, p.account_tier"]
)
def test_groups_can_be_named_in_every_way(clean_room: CleanRoom, group: str) -> None:
    shown = "account_tier AS Tier" if group == "Tier" else "account_tier"
    sql = f"""SELECT WITH AGGREGATION_THRESHOLD {shown}, SUM(score)
              FROM `{P}.open_users` AS p GROUP BY {group} ORDER BY 1"""
    assert clean_room.run(sql, "merchant").to_series(0).to_list() == ["Free", "Premium"]
