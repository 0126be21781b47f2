"""Splink, a probabilistic resolver, finds the noise in names that real records have.

It is run as it is on CRM and the loyalty program at 100,000 records.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from synth_assets_tests.domains.identity_resolution.made import identity, rows

pytestmark = pytest.mark.slow

COLUMNS = ("first_name", "last_name", "email", "phone")
# Levels between "the same" and "another", of true matches; and the scores.
FUZZY, F1, EXACT_RECALL = (0.005, 0.15), (0.85, 0.97), 0.80
THRESHOLD = 0.99


@pytest.fixture(scope="module")
def records() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Records of CRM and of the loyalty program, with their persons."""
    retailer = identity(scale="100K")
    truth = rows(retailer, retailer.table("identity_truth")).select("record_id", "person_id")
    crm, loyalty = (
        rows(retailer, retailer.table(table)).join(truth, left_on=key, right_on="record_id")
        for table, key in (("crm_customers", "customer_id"), ("loyalty_members", "member_id"))
    )
    return crm.rename({"customer_id": "unique_id"}), loyalty.rename({"member_id": "unique_id"})


@pytest.fixture(scope="module")
def linker(records: tuple[pl.DataFrame, pl.DataFrame]) -> Any:
    """A trained model."""
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    from splink import comparison_library as cl

    settings = SettingsCreator(
        link_type="link_and_dedupe",
        comparisons=[
            cl.JaroWinklerAtThresholds("first_name", [0.9, 0.7]),
            cl.JaroWinklerAtThresholds("last_name", [0.9, 0.7]),
            cl.EmailComparison("email"),
            cl.LevenshteinAtThresholds("phone", [2]),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("email"),
            block_on("phone"),
            block_on("first_name", "last_name"),
            block_on("last_name", "substr(phone, -4)"),
            block_on("first_name", "substr(email, 1, 5)"),
        ],
    )
    tables = [frame.select("unique_id", *COLUMNS).to_arrow() for frame in records]
    linker = Linker(tables, settings, DuckDBAPI())
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on("email"), block_on("phone")], recall=0.8
    )
    training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    training.estimate_parameters_using_expectation_maximisation(block_on("email"))
    training.estimate_parameters_using_expectation_maximisation(block_on("first_name", "last_name"))
    return linker


def test_every_fuzzy_level_is_as_frequent_as_in_real_records(linker: Any) -> None:
    for comparison in linker._settings_obj.comparisons:
        levels = [level for level in comparison.comparison_levels if not level.is_null_level]
        for level in levels[1:-1]:
            share, name = level.m_probability, level.label_for_charts
            assert FUZZY[0] <= share <= FUZZY[1], (comparison.output_column_name, name, share)


def test_records_can_be_linked_and_not_perfectly(
    linker: Any, records: tuple[pl.DataFrame, pl.DataFrame]
) -> None:
    persons = pl.concat([frame.select("unique_id", "person_id") for frame in records])
    predicted = linker.inference.predict(threshold_match_probability=THRESHOLD)
    found = predicted.as_duckdbpyrelation().pl().select("unique_id_l", "unique_id_r")
    both = found.join(persons, left_on="unique_id_l", right_on="unique_id").join(
        persons, left_on="unique_id_r", right_on="unique_id"
    )
    correct = int((both["person_id"] == both["person_id_right"]).sum())
    precision, recall = correct / len(found), correct / pairs(persons, "person_id")
    assert F1[0] <= 2 * precision * recall / (precision + recall) <= F1[1]


def test_equal_names_and_addresses_find_a_part(
    records: tuple[pl.DataFrame, pl.DataFrame],
) -> None:
    crm, _ = records
    exact = ("first_name", "last_name", "address_line1", "city")
    assert pairs(crm, "person_id", *exact) / pairs(crm, "person_id") <= EXACT_RECALL


def pairs(frame: pl.DataFrame, *by: str) -> int:
    """Number of pairs of rows with the same values."""
    size = pl.col("len")
    return int(frame.group_by(by).len().select((size * (size - 1) // 2).sum()).item())
