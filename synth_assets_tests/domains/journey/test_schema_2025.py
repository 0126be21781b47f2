"""The export in the schema of 2025, and exports of others."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from synth_assets.core.errors import UserError
from synth_assets.core.model import TableView
from synth_assets.core.schema import polars_schema
from synth_assets.core.stored_tables import stored_tables
from synth_assets.domains.journey.backend.records import backend_records
from synth_assets.domains.journey.domain import domain
from synth_assets.domains.journey.ga4.modern_checks import MODERN_CHECKS
from synth_assets.domains.journey.ga4.param import param
from synth_assets.domains.journey.ga4.schema import Events
from synth_assets.domains.journey.ga4.schema_2025 import LAST_CLICK, MANUAL, Events2025
from synth_assets.domains.journey.tables import purchases
from synth_assets.domains.journey.tables.signups import signed_up
from synth_assets.orchestration.external import typed
from synth_assets.orchestration.settings import Settings
from synth_assets.quality.structural import checks_of
from synth_assets_tests.domains.journey.derived import fill
from synth_assets_tests.domains.journey.made import journey, made
from synth_assets_tests.environment import only
from synth_assets_tests.quality.memory import Memory, judge

KEYS = [f"2024-12-{day:02d}" for day in range(1, 8)]


def modern_journey() -> object:
    return journey(scale=0.03, export_schema=2025, start_date=KEYS[0], end_date="2024-12-08")


@pytest.fixture(scope="module")
def frames() -> dict[str, pl.DataFrame]:
    return made(modern_journey(), KEYS)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def events(frames: dict[str, pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames.values())


def test_the_variable_names_the_schema() -> None:
    with only(SYNTH_JOURNEY_SCHEMA="2025"):
        assert domain().table("events").schema is Events2025
    with only():
        assert domain().table("events").schema is Events
    with only(SYNTH_JOURNEY_SCHEMA="2024"), pytest.raises(UserError, match="export_schema"):
        domain()


def test_the_columns_are_todays(events: pl.DataFrame) -> None:
    assert events.schema == polars_schema(Events2025)
    click = events.schema["session_traffic_source_last_click"]
    assert isinstance(click, pl.Struct)
    assert [f.name for f in click.fields] == list(LAST_CLICK)
    source = events.schema["collected_traffic_source"]
    assert isinstance(source, pl.Struct)
    assert [f.name for f in source.fields] == list(MANUAL)
    assert (
        events["session_traffic_source_last_click"]
        .struct.field("manual_campaign")
        .struct.field("source")
        .null_count()
        == events["user_pseudo_id"].null_count()
    )
    assert set(events["device"].struct.field("web_info").struct.field("hostname")) == {
        "shop.googlemerchandisestore.com"
    }


def test_all_checks_pass(frames: dict[str, pl.DataFrame]) -> None:
    of = modern_journey()
    for check in checks_of(of.table("events")):  # type: ignore[attr-defined]
        found = judge(check, of, "events", Memory({"events": frames}))  # type: ignore[arg-type]
        assert all(result.passed for result in found), (check.name, found)


WRONG: dict[str, pl.Expr] = {
    "active_users": pl.lit(value=False).alias("is_active_user"),
    "whole_batches": pl.col("batch_event_index") + 1,
    "loaded_before": pl.col("batch_page_id") + 3_600_000,
    "reported_clicks": pl.col("collected_traffic_source").struct.with_fields(gclid=pl.lit("x")),
}


@pytest.mark.parametrize("name", WRONG)
def test_checks_find_wrong_rows(frames: dict[str, pl.DataFrame], name: str) -> None:
    of = modern_journey()
    spoiled = {**frames, KEYS[0]: frames[KEYS[0]].with_columns(WRONG[name])}
    check = next(c for c in checks_of(of.table("events")) if c.name == name)  # type: ignore[attr-defined]
    results = judge(check, of, "events", Memory({"events": spoiled}))  # type: ignore[arg-type]
    assert [result.key for result in results if not result.passed] == KEYS[:1]


@pytest.mark.parametrize("fields", [{"no_consent_share": 1}, {"scale": 0.001}, {"seed": 7}])
def test_checks_of_the_schema_pass_for_other_scenarios(fields: dict[str, float]) -> None:
    of = journey(**{"scale": 0.01, "export_schema": 2025, "start_date": KEYS[0],
                    "end_date": KEYS[2], **fields})  # fmt: skip
    rows = Memory({"events": made(of, KEYS[:2])})
    for check in MODERN_CHECKS:
        assert all(result.passed for result in judge(check, of, "events", rows)), check.name


def test_visitors_without_consent_are_unknown(events: pl.DataFrame) -> None:
    refused = pl.col("privacy_info").struct.field("analytics_storage") == "No"
    rows = events.select(
        "user_pseudo_id", "user_id", "user_first_touch_timestamp",
        refused=refused, session=param("ga_session_id"),
    )  # fmt: skip
    without = rows.filter("refused")
    assert 0.05 < len(without) / len(rows) < 0.16
    assert without.select(pl.exclude("refused").is_null().all()).row(0) == (True,) * 4
    assert rows.filter(~pl.col("refused"))["user_pseudo_id"].null_count() == 0


def test_user_ids_come_with_the_login(events: pl.DataFrame) -> None:
    rows = events.select("user_pseudo_id", "user_id", "event_name", "event_timestamp",
                         session=param("ga_session_id")).drop_nulls("user_pseudo_id")  # fmt: skip
    login = pl.col("event_timestamp").filter(pl.col("event_name").is_in(["login", "sign_up"])).min()
    after = (pl.col("event_timestamp") >= login.over("user_pseudo_id", "session")).fill_null(False)
    assert rows.select((after == pl.col("user_id").is_not_null()).all()).item()
    known = rows.drop_nulls("user_id")
    assert len(known) > 100
    per_visitor = known.group_by("user_pseudo_id").agg(pl.col("user_id").n_unique())
    assert per_visitor["user_id"].max() == 1


def test_logins_join_the_backends_customers(frames: dict[str, pl.DataFrame]) -> None:
    of = modern_journey()
    scenario = of.scenario  # type: ignore[attr-defined]
    memory = Memory({"events": frames})
    bought, joined = [], []
    for key in KEYS:
        view = TableView(of, of.table("purchases"), [key], memory, scenario)  # type: ignore[attr-defined, arg-type]
        day = pl.lit(key).alias("day")
        bought.append(purchases.derive(view, key).with_columns(day).collect())
        joined.append(signed_up(frames[key].lazy(), scenario).with_columns(day).collect())
    users = backend_records(pl.concat(bought), pl.concat(joined), scenario).users
    reported = pl.concat(frames.values()).drop_nulls("user_id")["user_id"].unique()
    assert set(reported) == set(users["login_id"].drop_nulls())


def test_an_export_of_others_warns_and_has_the_schema_that_is_set() -> None:
    copied = journey(source="my-project.analytics_1", export_schema=2025).table("events")
    assert copied.schema is Events2025
    blocking = {check.name for check in checks_of(copied) if check.blocking}
    assert "event_date_in_partition" in blocking
    assert not {"accepted_event_name", "required_params_present"} & blocking
    other = journey(source="my-project.analytics_1").table("events")
    assert other.schema is Events


def test_tables_by_date_are_an_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "daily_events" not in [table.name for table in journey().tables]
    of = journey(scale=0.005, tables_by_date="true", end_date="2020-11-03")
    table = of.table("daily_events")
    names = [stored.path for stored in stored_tables(table)]
    assert names == [f"analytics_2100450278/events_2020110{day}" for day in (1, 2)]
    monkeypatch.setenv("SYNTH_HOME", str(tmp_path))
    monkeypatch.delenv("SYNTH_STORE", raising=False)
    for kind in ("parquet", "duckdb"):
        monkeypatch.setenv("SYNTH_STORE", f"journey={kind}")
        stores = Settings.from_environment().open_stores()
        fill(of, stores, None, "events", "daily_events")
        for key in ("2020-11-01", "2020-11-02"):
            copied = stores.scan(table, [key]).drop("day", strict=False).collect()
            original = stores.scan(of.table("events"), [key]).drop("day").collect()
            assert copied.equals(original)


def test_a_column_of_another_type_is_named() -> None:
    table = journey(source="my-project.analytics_1", export_schema=2020).table("events")
    modern = (
        pl.DataFrame(schema=polars_schema(Events2025))
        .clear(1)
        .with_columns(stream_id=pl.lit("web"))
    )
    with pytest.raises(UserError, match="column stream_id of journey/events cannot be read as"):
        typed(table, modern)
    assert typed(table, pl.DataFrame()).schema == polars_schema(Events)
