"""Checks of the merchant's source pass on generated data, and fail on corrupted data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Domain
from synth_assets.domains.clean_room.tables.thelook_products import catalog
from synth_assets.quality.structural import checks_of
from synth_assets_tests.domains.clean_room.made import (
    AS_ORIGINAL,
    Frames,
    all_made,
    clean_room,
    default,
    generated,
    stored,
)
from synth_assets_tests.domains.clean_room.spoiling import Spoil, first, later, mostly, twice
from synth_assets_tests.quality.memory import judge

RULES = [(table.name, check.name) for table in generated(default()) for check in checks_of(table)]
DATA_DEFECTS = (
    "duplicate_emails", "items_before_orders", "mixed_countries", "null_cities", "lost_zeros",
    "future_deliveries", "minors", *AS_ORIGINAL,
)  # fmt: skip
# Checks that every table has are tested with the foundation.
COMMON = ("schema", "row_count_as_written", "one_scenario", "primary_key", "row_count")


def results(domain: Domain, frames: Frames, table: str, check: str) -> list[CheckResult]:
    judged = next(r for r in checks_of(domain.table(table)) if r.name == check)
    return judge(judged, domain, table, stored(frames))


@pytest.mark.parametrize(("table", "check"), RULES)
def test_what_is_made_passes(table: str, check: str, domain: Domain, frames: Frames) -> None:
    found = results(domain, frames, table, check)
    assert found
    assert all(result.passed for result in found), found


def test_all_passes_without_any_quirk() -> None:
    domain = clean_room(users=5_000, **dict.fromkeys(DATA_DEFECTS, "false"))
    frames = all_made(domain)
    for table, check in RULES:
        found = results(domain, frames, table, check)
        assert all(result.passed for result in found), (table, check, found)


C, P, U = "thelook_distribution_centers", "thelook_products", "thelook_users"
O, V, I = "thelook_orders", "thelook_inventory_items", "thelook_order_items"  # noqa: E741
E = "thelook_events"
# The first product of maternity wear.
MATERNITY = int(catalog(default().scenario).filter(category="Maternity")["id"][0])  # type: ignore[arg-type]
SPOILT: dict[tuple[str, str], Spoil] = {
    (P, "fk_distribution_center_id"): first("distribution_center_id", 11),
    (P, "unique_sku"): twice("sku"),
    (P, "accepted_department"): first("department", "Kids"),
    (P, "accepted_category"): first("category", "Hats"),
    (P, "cost_below_price"): first("cost", 2_000.0),
    (U, "accepted_gender"): first("gender", "X"),
    (U, "place_in_gazetteer"): first("city", "Atlantis"),
    (U, "names_match_country"): first("last_name", "Potter-Smythe"),
    (U, "most_common_last_name_shares"): mostly("last_name", "Smith"),
    (U, "age_distribution_uniform"): mostly("age", 40),
    (U, "registration_age_at_least_minimum"): mostly("age", 12),
    (U, "age_at_least_minimum"): first("age", 11),
    (U, "registration_before_as_of"): later("created_at", 2_500, 1_000),
    (U, "email_distinct_count"): mostly("email", "a@example.com"),
    (U, "gender_distribution"): mostly("gender", "M"),
    (U, "traffic_source_distribution"): mostly("traffic_source", "Email"),
    (U, "country_distribution"): mostly("country", "China"),
    (O, "fk_user_id"): first("user_id", 20_001),
    (O, "accepted_status"): first("status", "Lost"),
    (O, "dates_match_status"): lambda f: f.with_columns(shipped_at=pl.col("created_at")),
    (O, "dates_in_order"): later("shipped_at", 9),
    (O, "order_before_as_of"): later("created_at", 2_500, 1_000),
    (O, "order_after_registration"): later("created_at", -2_500),
    (O, "order_hour_distribution"): lambda f: f.with_columns(
        pl.col("created_at").dt.truncate("1d")
    ),
    (O, "status_distribution"): mostly("status", "Complete"),
    (O, "num_of_item_distribution"): mostly("num_of_item", 2),
    (V, "fk_product_id"): first("product_id", 29_121),
    (V, "fk_product_distribution_center_id"): first("product_distribution_center_id", 11),
    (V, "item_matches_product"): first("product_name", "Another"),
    (V, "sold_at_after_created_at"): later("created_at", 61),
    (V, "sold_share"): lambda f: f.with_columns(sold_at=pl.col("created_at")),
    (I, "fk_order_id"): first("order_id", 99_999),
    (I, "fk_user_id"): first("user_id", 20_001),
    (I, "fk_product_id"): first("product_id", 29_121),
    (I, "fk_inventory_item_id"): first("inventory_item_id", 999_999),
    (I, "accepted_status"): first("status", "Lost"),
    (I, "unique_inventory_item_id"): twice("inventory_item_id"),
    (I, "item_matches_order"): lambda f: f.with_columns(pl.col("user_id").shift(-3, fill_value=1)),
    (I, "num_of_item_matches_items"): lambda f: f[1:],
    (I, "item_created_near_order"): later("created_at", 1, 1_000),
    (I, "sale_price_equals_list_price"): first("sale_price", 0.5),
    (I, "buyer_age_fits_category"): lambda f: f.with_columns(product_id=MATERNITY),
    (I, "dates_match_status"): lambda f: f.with_columns(shipped_at=pl.col("created_at")),
    (I, "dates_in_order"): later("shipped_at", 9),
    (E, "fk_user_id"): first("user_id", 20_001),
    (E, "accepted_event_type"): first("event_type", "search"),
    (E, "unique_session_id_sequence_number"): twice("sequence_number"),
    (E, "session_pages_in_order"): lambda f: f[1:],
    (E, "ip_address_in_country"): first("ip_address", "8.8.8.8"),
    (E, "one_purchase_event_per_item"): lambda f: f.filter(pl.col("event_type") != "purchase"),
    (E, "traffic_source_distribution"): mostly("traffic_source", "Organic"),
    (E, "browser_distribution"): mostly("browser", "IE"),
}


def test_every_rule_is_spoilt_once() -> None:
    assert set(SPOILT) == {(t, r) for t, r in RULES if r not in COMMON}


@pytest.mark.parametrize(("table", "check"), list(SPOILT), ids=str)
def test_a_rule_fails_when_what_it_names_breaks(
    table: str, check: str, domain: Domain, frames: Frames
) -> None:
    bad = SPOILT[table, check](frames[table])
    assert not bad.equals(frames[table])
    found = results(domain, frames | {table: bad}, table, check)
    assert not all(result.passed for result in found)


@pytest.mark.parametrize("column", ["created_at", "ip_address", "user_id", "sequence_number"])
def test_a_session_is_broken_in_any_way(column: str, domain: Domain, frames: Frames) -> None:
    events = frames["thelook_events"]
    values: dict[str, Any] = {
        "created_at": events["created_at"][0],
        "ip_address": "1.2.3.4",
        "user_id": 77,
        "sequence_number": 9,
    }
    hit = pl.int_range(pl.len()) == 3
    bad = events.with_columns(
        pl.when(hit).then(pl.lit(values[column])).otherwise(column).alias(column)
    )
    found = results(
        domain, frames | {"thelook_events": bad}, "thelook_events", "session_pages_in_order"
    )
    assert [v.passed for v in found] == [False]
    assert 1 <= found[0].measured <= 2
    assert found[0].failing_rows


@pytest.mark.parametrize(
    ("defect", "table", "check"),
    [
        ("duplicate_emails", "thelook_users", "email_distinct_count"),
        ("minors", "thelook_users", "age_at_least_minimum"),
        ("mixed_countries", "thelook_users", "place_in_gazetteer"),
        ("null_cities", "thelook_users", "place_in_gazetteer"),
        ("lost_zeros", "thelook_users", "place_in_gazetteer"),
        ("items_before_orders", "thelook_order_items", "item_created_near_order"),
        ("future_deliveries", "thelook_orders", "order_before_as_of"),
    ],
)
def test_an_unwanted_quirk_is_found(
    defect: str, table: str, check: str, domain: Domain, frames: Frames
) -> None:
    scenario = domain.scenario.model_copy(update={defect: False})
    if defect == "mixed_countries":
        frames = frames | {table: first("country", "España")(frames[table])}
    found = results(replace(domain, scenario=scenario), frames, table, check)
    assert not all(result.passed for result in found)
