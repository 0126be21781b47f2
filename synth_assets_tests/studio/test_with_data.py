"""Every page on what the demo makes: no page fails, none is slow, and figures are the data's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import streamlit as st

from synth_assets.core.errors import UserError
from synth_assets.orchestration.settings import Settings
from synth_assets.studio import context, warehouse
from synth_assets.studio.context import Studio, install
from synth_assets.studio.dashboards import clusters, records, rooms
from synth_assets.studio.dashboards.period import Period
from synth_assets.studio.pages import ALL
from synth_assets.studio.safe import csv
from synth_assets_tests.environment import only
from synth_assets_tests.studio.conftest import page, texts

pytestmark = pytest.mark.slow
# Processor seconds of a page that has been opened before.
MOST_SECONDS = 2.0
# The part of the largest table's rows that a page may hold.
MOST_SHARE = 0.1


@pytest.fixture(scope="module")
def demo(demo_home: Path) -> Iterator[Studio]:
    """A studio on the home of the demo."""
    with only(SYNTH_HOME=demo_home):
        settings = Settings.from_environment()
        studio = Studio(
            home=demo_home,
            open_stores=lambda: settings.open_stores(patient=False),
            warehouse=settings.warehouse,
            gate_folder=settings.gate_folder,
            dagster_url="http://127.0.0.1:9",
        )
        install(studio)
        yield studio
    context._installed.clear()


MODULES = [one.module for one in ALL]


@pytest.mark.parametrize("module", MODULES)
def test_a_page_shows_the_demo_and_is_quick(demo: Studio, module: str) -> None:
    first = page(module)
    assert not first.exception
    assert not first.error, texts(first)
    assert not any("Make a small sample" in info.value for info in first.info)
    started = time.process_time()
    assert not page(module).exception
    assert time.process_time() - started < MOST_SECONDS


DASHBOARDS = ("jaffle", "journey", "identity_resolution", "identity_graph", "clean_room")


@pytest.mark.parametrize("module", DASHBOARDS)
def test_a_dashboard_gets_aggregates_and_never_the_rows_of_a_table(
    demo: Studio, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    got: list[int] = []

    def noting(original: Any) -> Any:
        def collected(*given: Any, **named: Any) -> Any:
            found = original(*given, **named)
            frames = found if isinstance(found, list) else [found]
            got.extend(len(frame) for frame in frames)
            return found

        return collected

    monkeypatch.setattr(pl.LazyFrame, "collect", noting(pl.LazyFrame.collect))
    monkeypatch.setattr(pl, "collect_all", noting(pl.collect_all))
    monkeypatch.setattr(warehouse, "_plottable", noting(warehouse._plottable))
    st.cache_data.clear()
    assert not page(module).exception
    domain, stores = demo.domain(module), demo.open_stores()
    rows = (sum(s.rows for s in stores.describe(table).values()) for table in domain.tables)
    assert 0 < max(got) < MOST_SHARE * max(rows)


def test_figures_are_those_of_the_models(demo: Studio) -> None:
    import duckdb

    shown = {m.label: m.value for m in page("jaffle").metric}
    with duckdb.connect(str(demo.warehouse), read_only=True) as file:
        orders = file.execute(
            "select count(*) from jaffle_marts.orders where dataset = 'training' and "
            "cast(order_date as date) between (select min(day) from jaffle_marts.orders) and "
            "(select max(day) from jaffle_marts.orders)"
        ).fetchone()
    assert orders is not None
    assert shown["Orders"] == f"{orders[0]:,}"


def test_a_cluster_is_drawn_with_every_record(demo: Studio) -> None:
    domain, stores = demo.domain("identity_resolution"), demo.open_stores()
    offered = clusters.offered(domain, stores)
    cluster = clusters.read(domain, stores, offered["cluster_id"][0])
    assert len(cluster.records) == offered["records"][0]
    drawn = clusters.dot(cluster, truth=True)
    assert drawn.count("shape=box") == len(cluster.records)
    assert " -- " in drawn
    person = cluster.records["person_id"].drop_nulls()[0]
    assert person in drawn
    assert person not in clusters.dot(cluster, truth=False)


def test_records_of_all_days_have_the_stored_scores(demo: Studio) -> None:
    domain, stores = demo.domain("identity_resolution"), demo.open_stores()
    daily = records.per_day(domain, stores)
    least, most = daily.select(a=pl.col("day").min(), b=pl.col("day").max()).row(0)
    stored = stores.scan(domain.table("resolution_scores")).collect()
    scored = records.scores_of_days(domain, stores, Period(least, most))
    assert scored is not None
    keys = ["scope", "name"]
    assert scored.sort(keys).equals(stored.select(scored.columns).sort(keys))
    assert daily["records"].sum() == len(stores.scan(domain.table("identity_truth")).collect())
    some = records.scores_of_days(domain, stores, Period(most, most))
    assert some is None or some["records"].max() < stored["records"].max()


def test_the_console_asks_the_same_engine(demo: Studio) -> None:
    room = rooms.open_room(str(demo.home), read_only=False)
    domain = demo.domain("clean_room")
    for party in rooms.PARTIES:
        visible = [*rooms.own_tables(domain, party, room.splits)]
        visible += rooms.views_for(domain, party, room.splits)
        assert all(relation.columns for relation in visible)
        other = next(p for p in rooms.PARTIES if p != party)
        for hidden in rooms.own_tables(domain, other, room.splits):
            assert hidden.name not in {relation.name for relation in visible}
            with pytest.raises(UserError):
                rooms.ask(room, party, f"SELECT * FROM `{hidden.name}`")
    with pytest.raises(UserError):
        rooms.ask(room, "merchant", "SELECT * FROM read_csv('/etc/passwd')")
    own = rooms.own_tables(domain, "merchant", room.splits)[0].name
    assert len(rooms.ask(room, "merchant", f"SELECT 1 AS one FROM `{own}` LIMIT 3")) == 3


def test_in_read_only_mode_no_budget_is_spent(demo: Studio) -> None:
    room = rooms.open_room(str(demo.home), read_only=True)
    domain = demo.domain("clean_room")
    private = next(
        view
        for view in rooms.views_for(domain, "merchant", room.splits)
        if view.policy and view.policy.differential_privacy_policy
    )
    assert private.policy is not None
    before = room.budgets.left(private.name, private.policy)
    sql = (
        "SELECT WITH DIFFERENTIAL_PRIVACY OPTIONS(epsilon=1.0, delta=1e-6) account_tier, COUNT(*, "
        f"contribution_bounds_per_group => (0, 1)) AS n FROM `{private.name}` GROUP BY 1"
    )
    with pytest.raises(UserError, match="budget"):
        rooms.ask(room, "merchant", sql)
    assert room.budgets.left(private.name, private.policy) == before


def test_uploaded_clusters_are_scored(demo: Studio, tmp_path: Path) -> None:
    from synth_assets.studio.pages import identity_resolution

    domain = demo.domain("identity_resolution")
    truth = demo.open_stores().scan(domain.table("identity_truth")).collect()
    known = truth.filter(pl.col("person_id").is_not_null())
    content = csv(known.select("record_id", cluster_id="person_id"))
    scores = identity_resolution._scored(demo, domain, "../x.csv", content)
    assert scores.filter(pl.col("scope") == "overall")["f1"].item() == 1.0
    with pytest.raises(UserError, match=r"^x\.csv: .*not in identity_resolution/identity_truth"):
        identity_resolution._scored(demo, domain, "x.csv", b"record_id,cluster_id\nnobody,1\n")
