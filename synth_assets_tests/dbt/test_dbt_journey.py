"""The journey's models tell the same of an export in every warehouse, and find what was planted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl
import pytest

from synth_assets.core.model import Domain
from synth_assets.domains.journey.backend import discrepancies
from synth_assets.orchestration.settings import Settings
from synth_assets.orchestration.warehouse import target_of
from synth_assets_tests.dbt.project import invoke
from synth_assets_tests.dbt.rows import Rows, comparable, read
from synth_assets_tests.domains.journey.derived import fill, journey
from synth_assets_tests.domains.journey.exports import (
    ODDITIES,
    at,
    days,
    event,
    export,
    purchase,
    shop,
)
from synth_assets_tests.environment import restored

COUNT = 6
FUNNEL = ("view_item", "add_to_cart", "begin_checkout", "add_shipping_info", "add_payment_info")
# Hashes of nested columns' texts, which each warehouse writes in a way of its own.
ITS_OWN = "event_key"
Found = dict[str, list[dict[str, Any]]]


def visit(
    when: datetime, user: str, name: str = "page_view", session: int | None = None, **params: Any
) -> dict[str, Any]:
    """An event of a session, and what its parameters say."""
    return event(when, user, name, session, params=params)


def bought(user: str, session: int, transaction: str) -> Iterator[dict[str, Any]]:
    """A visit in which every step of the funnel is taken, ten seconds and a bit after another."""
    begun = at(1, 9)
    yield visit(begun, user, "session_start", session)
    yield visit(begun + timedelta(seconds=2), user, "user_engagement", session,
                session_engaged=1, engagement_time_msec=1_500)  # fmt: skip
    for nth, step in enumerate(FUNNEL, start=1):
        yield visit(begun + timedelta(seconds=10.25 * nth), user, step, session)
    # Later in the same session, which changes none of the first times.
    yield visit(begun + timedelta(seconds=55), user, "view_item", session)
    yield purchase(begun + timedelta(seconds=61.5), user, transaction, session=session)


# Visits within the days of the shop: numbered and not, by a click and by none.
VISITS = export(
    *bought("buyer", 7, "900001"),
    visit(at(0, 8), "loose"),
    visit(at(0, 8.4999), "loose"),
    visit(at(0, 9.0001), "loose"),
    visit(at(0, 8.2), "loose", session=5, session_engaged="1"),
    visit(at(0, 10), "clicker", session=1, source="shop.example", medium="referral"),
    visit(at(2, 10), "clicker", session=2, source="(direct)"),
    visit(at(3, 10), "clicker", session=3, gclid="abc"),
)
# Amounts halfway between two cents, ids blank in every way, and what the shop's own people did.
ODD_AMOUNTS = export(
    purchase(at(1, 20), "half", "900010", 0.125),
    purchase(at(1, 21), "half", "900011", 0.375),
    purchase(at(1, 22), "half", "900012", 19.99),
    purchase(at(1, 22), "blank", "\t"),
    purchase(at(1, 22), "blank", " \n"),
    purchase(at(2, 1), "tester", "900020", params={"traffic_type": "internal"}),
    purchase(at(2, 2), "tester", "TEST-1"),
    # At once, with another revenue, and with another tax only.
    purchase(at(2, 3), "twice", "900030", 30.0),
    purchase(at(2, 3), "twice", "900030", 20.0),
    purchase(at(2, 4), "taxed", "900031", 30.0) | {"ecommerce": {"transaction_id": "900031",
             "purchase_revenue": 30.0, "tax_value": 2.0}},
    purchase(at(2, 4), "taxed", "900031", 30.0) | {"ecommerce": {"transaction_id": "900031",
             "purchase_revenue": 30.0, "tax_value": 3.0}},
)  # fmt: skip


@dataclass(frozen=True)
class Warehouse:
    """A journey that lies in a store, and the warehouse in which dbt builds it."""

    of: Domain
    settings: Settings

    def build(self, *words: str, **variables: str) -> dict[str, str]:
        """Builds and tests what is selected; fails unless all passes; where each model lies."""
        selected = words or ("build", "--select", f"path:models/{self.of.name}")
        done = invoke(self.of, self.settings, *selected, **variables)
        bad = {r.node.name: r.message for r in done.result.results if r.status in BAD}
        assert done.success, bad
        nodes = (result.node for result in done.result.results)
        return {n.name: f"{n.schema}.{n.alias}" for n in nodes if n.resource_type == "model"}

    def read(self, models: dict[str, str]) -> Found:
        return read(self.target, self.settings, models)

    @property
    def target(self) -> str:
        return target_of(self.of, self.settings, self.settings.routes)


BAD = ("fail", "error", "skipped", "warn")


@pytest.fixture(autouse=True, scope="module")
def _environment() -> Iterator[None]:
    """What dbt is told stays here."""
    with restored():
        yield


def opened(of: Domain, home: Path, postgres: str, **environment: str) -> Warehouse:
    """The warehouse of a home that holds nothing yet."""
    places = {"SYNTH_HOME": str(home), "SYNTH_POSTGRES_URL": postgres, "SYNTH_STORE": "parquet"}
    for name in [n for n in os.environ if n.startswith(("SYNTH_", "DBT_ENV_"))]:
        del os.environ[name]
    os.environ.update(places | environment)
    return Warehouse(of, Settings.from_environment())


def built(home: Path, postgres: str, **environment: str) -> Rows:
    """What a full build makes of the shop; two days built again change nothing of it."""
    sold = pl.concat([ODDITIES, VISITS, ODD_AMOUNTS, shop(160, per_day=40)])
    of = journey(sold, COUNT, gap_rate=0.5, test_order_rate=0.05, double_order_rate=0.1)
    warehouse = opened(of, home, postgres, **environment)
    stores = warehouse.settings.open_stores()
    fill(of, stores)
    models = warehouse.build()
    assert len(models) == 13
    first = warehouse.read(models)
    by_class(first, stores.scan(of.table("journey_gaps")).collect())
    warehouse.build(
        "run", "--select", f"path:models/{of.name}", min_date=days(3)[1], max_date=days(3)[2]
    )
    again = warehouse.read(models)
    assert {m: comparable(again[m]) for m in models} == {m: comparable(first[m]) for m in models}
    return {m: comparable(map(_shared, rows)) for m, rows in first.items()}


def _shared(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != ITS_OWN}


def by_class(found: Found, gaps: pl.DataFrame) -> None:
    """The records of each class are those planted."""
    reported = {(r["record_key"], r["reconciliation_class"]) for r in found["fct_reconciliation"]}
    unequal = {(key, class_) for key, class_ in reported if class_ != discrepancies.MATCHED}
    assert unequal == set(gaps.select("record_key", "gap_class").iter_rows())
    assert {class_ for _, class_ in reported} == set(discrepancies.CLASSES)


@pytest.fixture(scope="module")
def from_the_lake(tmp_path_factory: pytest.TempPathFactory, postgres_of_the_module: str) -> Rows:
    """What DuckDB builds from the lake."""
    return built(tmp_path_factory.mktemp("lake"), postgres_of_the_module)


def test_duckdb_finds_what_was_planted(from_the_lake: Rows) -> None:
    assert len(from_the_lake["fct_reconciliation"]) > 200
    assert all(from_the_lake.values())


@pytest.mark.slow
def test_postgres_builds_the_same(from_the_lake: Rows, tmp_path: Path, postgres_url: str) -> None:
    assert built(tmp_path, postgres_url, SYNTH_STORE="postgres") == from_the_lake


@pytest.mark.slow
def test_bigquery_builds_the_same(
    from_the_lake: Rows, tmp_path: Path, postgres_url: str, bigquery_project: str
) -> None:
    here = {"SYNTH_STORE": "bigquery", "SYNTH_BIGQUERY_PROJECT": bigquery_project}
    prefix = f"t{uuid4().hex[:8]}_"
    assert built(tmp_path, postgres_url, SYNTH_BIGQUERY_PREFIX=prefix, **here) == from_the_lake


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["parquet", "postgres"])
def test_the_models_build_before_anything_has_landed(
    kind: str, tmp_path: Path, postgres_url: str
) -> None:
    warehouse = opened(journey(MONTH, 2), tmp_path, postgres_url, SYNTH_STORE=kind)
    assert not any(warehouse.read(warehouse.build()).values())


# A month of visits, of which each says what it is about.
MONTH = export(
    *bought("buyer", 7, "900001"),
    # Half an hour without an event ends a session that has no number; an event sooner does not.
    visit(at(0, 8), "loose"),
    visit(at(0, 8.5), "loose"),
    visit(at(0, 9) + timedelta(microseconds=1), "loose"),
    visit(at(0, 23.9), "loose"),
    visit(at(1, 0.1), "loose"),
    # What is numbered stays out of it, and together whatever lies between.
    visit(at(0, 8.2), "loose", session=5),
    visit(at(0, 20), "loose", session=5),
    # The number of a session is its visitor's alone.
    visit(at(0, 8.2), "other", session=5),
    # The last click counts until thirty days have passed, and what is typed in is none.
    visit(at(0, 10), "back", "session_start", 1, source="ignored", medium="ignored"),
    visit(at(0, 10.1), "back", session=1, source="shop.example", medium="referral"),
    visit(at(0, 10.2), "back", session=1, source="later.example", medium="referral"),
    visit(at(1, 10), "back", session=2, gclid="abc", source="shop.example", campaign="autumn"),
    visit(at(2, 10), "back", session=3, source="(direct)", medium="(none)"),
    visit(at(31, 10), "back", session=4),
    visit(at(31, 10) + timedelta(microseconds=1), "back", session=5),
    # A click after it, and one by somebody else, count for nothing.
    visit(at(0, 10), "early", session=1),
    visit(at(1, 10), "early", session=2, source="news", medium="email"),
)
FULL_DAYS = sorted({f"{d[:4]}-{d[4:6]}-{d[6:]}" for d in MONTH["event_date"]})


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory, postgres_of_the_module: str) -> Found:
    """Sessions and journeys of a month of which the backend has not come yet."""
    of = journey(MONTH, 32)
    warehouse = opened(of, tmp_path_factory.mktemp("month"), postgres_of_the_module)
    fill(of, warehouse.settings.open_stores(), FULL_DAYS, "events")
    return warehouse.read(warehouse.build("run", "--select", "+fct_user_journeys"))


def sessions(month: Found, user: str) -> list[dict[str, Any]]:
    theirs = (row for row in month["int_sessions"] if row["user_pseudo_id"] == user)
    return sorted(theirs, key=lambda row: (row["started_at"], str(row["ga_session_id"])))


def test_a_session_without_a_number_ends_after_half_an_hour(month: Found) -> None:
    loose = [row for row in sessions(month, "loose") if row["ga_session_id"] is None]
    assert [(row["started_at"], row["ended_at"], row["events"]) for row in loose] == [
        (at(0, 8), at(0, 8.5), 2),
        (at(0, 9) + timedelta(microseconds=1), at(0, 9) + timedelta(microseconds=1), 1),
        (at(0, 23.9), at(1, 0.1), 2),
    ]


def test_a_number_makes_a_session_of_its_visitor(month: Found) -> None:
    [numbered] = [row for row in sessions(month, "loose") if row["ga_session_id"] == 5]
    assert (numbered["started_at"], numbered["ended_at"]) == (at(0, 8.2), at(0, 20))
    [other] = sessions(month, "other")
    assert other["session_key"] != numbered["session_key"]


def test_the_last_click_counts_for_thirty_days(month: Found) -> None:
    credited = [(row["own_source"], row["source"], row["medium"], row["campaign"])
                for row in sessions(month, "back")]  # fmt: skip
    assert credited == [
        ("shop.example", "shop.example", "referral", None),
        ("google", "google", "cpc", "autumn"),
        ("(direct)", "google", "cpc", "autumn"),
        ("(direct)", "google", "cpc", "autumn"),
        ("(direct)", "(direct)", "(none)", None),
    ]
    assert [row["source"] for row in sessions(month, "early")] == ["(direct)", "news"]


def test_the_steps_of_a_bought_session_have_their_times(month: Found) -> None:
    [buyer] = [row for row in month["fct_user_journeys"] if row["user_pseudo_id"] == "buyer"]
    begun = at(1, 9)
    for nth, step in enumerate(FUNNEL, start=1):
        assert buyer[f"{step}_at"] == begun + timedelta(seconds=10.25 * nth)
    assert buyer["purchase_at"] == buyer["last_seen_at"] == begun + timedelta(seconds=61.5)
    reported = {name: float(buyer[f"seconds_{name}"]) for name in SECONDS}
    assert reported == SECONDS
    assert (buyer["sessions"], buyer["sessions_to_purchase"], buyer["events"]) == (1, 1, 9)
    assert buyer["engagement_msec"] == 1_500


SECONDS = {
    "to_engagement": 2.0,
    "to_view_item": 10.25,
    "to_purchase": 61.5,
    "view_to_cart": 10.25,
    "cart_to_checkout": 10.25,
    "checkout_to_purchase": 30.75,
}
