"""Every check of the identity data fails when its property is broken, and reports where."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Domain
from synth_assets.domains.identity_resolution import checks
from synth_assets.quality.structural import checks_of
from synth_assets_tests.domains.identity_resolution.made import identity, stored
from synth_assets_tests.quality.memory import Memory, judge

Frame = pl.DataFrame
Break = Callable[[Frame], Frame]
# A table, its check, and how a table is broken for it.
Case = tuple[str, str, str, Break]
CENT = pl.lit("0.01").cast(pl.Decimal(10, 2))


@pytest.fixture(scope="module")
def retailer() -> Domain:
    return identity(scale="50K", shards=2)


@pytest.fixture(scope="module")
def sound(retailer: Domain) -> Memory:
    return stored(retailer)


def results(
    retailer: Domain, sound: Memory, table: str, check: str, of: str, break_: Break
) -> list[CheckResult]:
    """Results of a check after the partitions of the table ``of`` are broken."""
    slices = sound.slices[of].items()
    broken = Memory(sound.slices | {of: {key: break_(frame) for key, frame in slices}})
    named = {r.name: r for r in checks_of(retailer.table(table))}
    assert all(v.passed for v in judge(named[check], retailer, table, sound))
    return judge(named[check], retailer, table, broken)


def first(where: pl.Expr, **values: pl.Expr) -> Break:
    """Changes the first row of each partition for which ``where`` holds."""
    row = where.arg_true().first()

    def change(frame: Frame) -> Frame:
        here = pl.int_range(pl.len()) == row
        changed = {
            name: pl.when(here).then(value.cast(frame.schema[name])).otherwise(name)
            for name, value in values.items()
        }
        return frame.with_columns(**changed)

    return change


def every(where: pl.Expr, **values: pl.Expr) -> Break:
    return lambda frame: frame.with_columns(
        **{n: pl.when(where).then(v).otherwise(n) for n, v in values.items()}
    )


THIRD = pl.col("transaction_id").str.ends_with("-3")
ORDERED, VERIFIED = pl.col("order_id").is_not_null(), pl.col("verified_purchase")
LONG_AGO = pl.lit("2001-01-01").str.to_datetime()
ROWS = [
    # A line that costs a cent more: every line of its order is wrong.
    ("ecom_transactions", "order_total_equals_sum_of_lines", "ecom_transactions",
     first(THIRD, unit_price=pl.col("unit_price") + CENT)),
    # A line with another total.
    ("ecom_transactions", "order_total_equals_sum_of_lines", "ecom_transactions",
     first(THIRD, order_total=pl.col("order_total") + CENT)),
    ("pos_transactions", "transaction_total_equals_sum_of_lines", "pos_transactions",
     first(pl.col("pos_transaction_id").str.ends_with("-3"), quantity=pl.col("quantity") + 1)),
]  # fmt: skip


@pytest.mark.parametrize("case", ROWS)
def test_all_lines_of_a_wrong_order_are_reported(
    case: Case, retailer: Domain, sound: Memory
) -> None:
    for result in results(retailer, sound, *case):
        assert not result.passed
        ids = [next(v for k, v in row.items() if k.endswith("id")) for row in result.failing_rows]
        assert len({i[:-2] for i in ids}) == 1
        assert result.measured >= 3


RECORDS = [
    # An order of another person, one that does not exist, one that is later.
    ("identity_truth", "feedback_after_purchase", "survey_responses",
     first(ORDERED, order_id=pl.col("order_id").filter(ORDERED).last())),
    ("survey_responses", "survey_matches_earlier_order", "survey_responses",
     first(ORDERED, order_id=pl.lit("ORD-0"))),
    ("survey_responses", "survey_matches_earlier_order", "survey_responses",
     first(ORDERED, submitted_at=LONG_AGO)),
    # A product that the reviewer never bought, and one bought later.
    ("identity_truth", "feedback_after_purchase", "product_reviews",
     first(VERIFIED, product_id=pl.lit("PROD-1"))),
    ("identity_truth", "feedback_after_purchase", "product_reviews",
     first(VERIFIED, submitted_at=LONG_AGO)),
]  # fmt: skip


@pytest.mark.parametrize("case", RECORDS)
def test_a_record_that_is_not_about_a_purchase_is_reported(
    case: Case, retailer: Domain, sound: Memory
) -> None:
    found = results(retailer, sound, *case)
    assert sum(v.measured for v in found) == 2, found  # one of each partition that was broken
    assert len([row for v in found for row in v.failing_rows]) == 2


SHARES = [
    ("identity_truth", "source_overlap_shares", "identity_truth",
     every((pl.col("source") == "mobile_app_users") & (pl.int_range(pl.len()) % 3 == 0),
           person_id=pl.lit("P") + (10**9 + pl.int_range(pl.len())).cast(pl.String))),
    ("identity_truth", "sources_per_person_distribution", "identity_truth",
     every(pl.col("source") == "crm_customers", person_id=pl.lit(None, dtype=pl.String))),
    ("identity_edits", "noise_rates", "identity_edits",
     lambda frame: frame.filter(pl.col("column_name") != "phone")),
    ("pos_transactions", "crm_card_line_share", "pos_transactions",
     every(pl.int_range(pl.len()) % 2 == 0, loyalty_id=pl.lit(None, dtype=pl.String))),
    ("crm_customers", "row_count", "crm_customers", lambda frame: frame.head(-1)),
    ("crm_customers", "frequent_last_name_shares", "crm_customers",
     every(pl.int_range(pl.len()) % 10 == 0, last_name=pl.lit("Smith"))),
]  # fmt: skip


@pytest.mark.parametrize("case", SHARES)
def test_a_wrong_share_or_number_fails(case: Case, retailer: Domain, sound: Memory) -> None:
    assert not any(v.passed for v in results(retailer, sound, *case))


def test_a_missing_edge_case_is_reported(
    retailer: Domain, sound: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "FULL_SCALE", 1)
    monkeypatch.setattr(checks, "GIANT_RECORDS", 1)
    none = every(pl.col("edge_case") == "household_phone", edge_case=pl.lit(None, dtype=pl.String))
    broken = {key: none(frame) for key, frame in sound.slices["identity_truth"].items()}
    memories = sound, Memory(sound.slices | {"identity_truth": broken})
    check = checks.edge_cases(["household_phone", "family_email"])
    results = [judge(check, retailer, "identity_truth", memory) for memory in memories]
    assert [v.passed for v in results[0]] == [True]
    assert [v.failing_rows for v in results[1]] == [[{"edge_case": "household_phone"}]]
