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
COMMON = ("schema", "as_written", "one_scenario", "primary_key", "row_count")


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
    (U, "known_places"): first("city", "Atlantis"),
    (U, "names_of_country"): first("last_name", "Potter-Smythe"),
    (U, "common_last_names"): mostly("last_name", "Smith"),
    (U, "ages_uniform"): mostly("age", 40),
    (U, "registered_of_age"): mostly("age", 12),
    (U, "old_enough"): first("age", 11),
    (U, "registered_in_time"): later("created_at", 2_500, 1_000),
    (U, "emails_repeat"): mostly("email", "a@example.com"),
    (U, "shares_gender"): mostly("gender", "M"),
    (U, "shares_traffic_source"): mostly("traffic_source", "Email"),
    (U, "shares_country"): mostly("country", "China"),
    (O, "fk_user_id"): first("user_id", 20_001),
    (O, "accepted_status"): first("status", "Lost"),
    (O, "dates_as_status"): lambda f: f.with_columns(shipped_at=pl.col("created_at")),
    (O, "dates_in_order"): later("shipped_at", 9),
    (O, "before_as_of"): later("created_at", 2_500, 1_000),
    (O, "after_registration"): later("created_at", -2_500),
    (O, "hours_of_day"): lambda f: f.with_columns(pl.col("created_at").dt.truncate("1d")),
    (O, "shares_status"): mostly("status", "Complete"),
    (O, "shares_num_of_item"): mostly("num_of_item", 2),
    (V, "fk_product_id"): first("product_id", 29_121),
    (V, "fk_product_distribution_center_id"): first("product_distribution_center_id", 11),
    (V, "as_the_product"): first("product_name", "Another"),
    (V, "came_before_sold"): later("created_at", 61),
    (V, "sold_share"): lambda f: f.with_columns(sold_at=pl.col("created_at")),
    (I, "fk_order_id"): first("order_id", 99_999),
    (I, "fk_user_id"): first("user_id", 20_001),
    (I, "fk_product_id"): first("product_id", 29_121),
    (I, "fk_inventory_item_id"): first("inventory_item_id", 999_999),
    (I, "accepted_status"): first("status", "Lost"),
    (I, "unique_inventory_item_id"): twice("inventory_item_id"),
    (I, "as_the_order"): lambda f: f.with_columns(pl.col("user_id").shift(-3, fill_value=1)),
    (I, "all_items"): lambda f: f[1:],
    (I, "stamped_near_order"): later("created_at", 1, 1_000),
    (I, "list_price"): first("sale_price", 0.5),
    (I, "fitting_ages"): lambda f: f.with_columns(product_id=MATERNITY),
    (I, "dates_as_status"): lambda f: f.with_columns(shipped_at=pl.col("created_at")),
    (I, "dates_in_order"): later("shipped_at", 9),
    (E, "fk_user_id"): first("user_id", 20_001),
    (E, "accepted_event_type"): first("event_type", "search"),
    (E, "unique_session_id_sequence_number"): twice("sequence_number"),
    (E, "whole_sessions"): lambda f: f[1:],
    (E, "addresses_of_country"): first("ip_address", "8.8.8.8"),
    (E, "one_purchase_an_item"): lambda f: f.filter(pl.col("event_type") != "purchase"),
    (E, "shares_traffic_source"): mostly("traffic_source", "Organic"),
    (E, "shares_browser"): mostly("browser", "IE"),
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
    found = results(domain, frames | {"thelook_events": bad}, "thelook_events", "whole_sessions")
    assert [v.passed for v in found] == [False]
    assert 1 <= found[0].measured <= 2
    assert found[0].failing_rows


@pytest.mark.parametrize(
    ("defect", "table", "check"),
    [
        ("duplicate_emails", "thelook_users", "emails_repeat"),
        ("minors", "thelook_users", "old_enough"),
        ("mixed_countries", "thelook_users", "known_places"),
        ("null_cities", "thelook_users", "known_places"),
        ("lost_zeros", "thelook_users", "known_places"),
        ("items_before_orders", "thelook_order_items", "stamped_near_order"),
        ("future_deliveries", "thelook_orders", "before_as_of"),
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
