"""The jaffle shop's models against the same figures computed from the lake with Polars."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from synth_assets.core import sources
from synth_assets.domains.jaffle.domain import DATASETS, JaffleScenario, domain
from synth_assets_tests.dbt.runner import run_dbt

START = date(2026, 1, 1)
DAYS = [START + timedelta(days=n) for n in range(20)]
METHODS = ("credit_card", "coupon", "bank_transfer", "gift_card")
MODELS = ("linear", "first_touch", "last_touch", "forty_twenty_forty", "time_decay")
DAILY_KEYS = {
    "stg_customers": ["dataset", "customer_id"],
    "stg_signups": ["dataset", "signup_id"],
    "stg_orders": ["dataset", "order_id"],
    "stg_payments": ["dataset", "payment_id"],
    "orders": ["dataset", "order_id"],
    "marketing_ads": ["ad_id", "utm_source", "billed_on"],
    "sessions": ["session_id"],
}


OURS = "path:models/jaffle"
OTHERS = " ".join(
    f"path:models/{name}"
    for name in ("clean_room", "identity_graph", "identity_resolution", "journey")
)
DAILY = f"{OURS},tag:daily"


@dataclass(frozen=True)
class Shop:
    """A lake and the warehouse that dbt builds from it."""

    lake: Path
    warehouse: Path
    window: int = 1
    touches: int = 1

    def dbt(self, *arguments: str, only: str = OURS, **variables: Any) -> dict[str, str]:
        """Runs dbt; each node's status by its name. Fails unless dbt succeeds."""
        folder = self.warehouse.parent
        given = {"conversion_window_days": self.window} | variables
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SYNTH_LAKE", str(self.lake))
            patch.setenv("SYNTH_WAREHOUSE", str(self.warehouse))
            done = run_dbt(folder, [*arguments, "--select", only], given)
        statuses = {r.node.name: str(r.status) for r in done.result.results}
        assert done.success, {k: v for k, v in statuses.items() if v in ("fail", "error")}
        return statuses

    def build_days(self, first: date, last: date) -> None:
        """Builds the daily models of some days, as Dagster does."""
        self.dbt("run", only=DAILY, min_date=str(first), max_date=str(last))

    def models(self) -> dict[str, dict[str, Any]]:
        """Every model's node of the last run's manifest, by its id."""
        manifest = json.loads((self.warehouse.parent / "target" / "manifest.json").read_text())
        return {k: n for k, n in manifest["nodes"].items() if n["resource_type"] == "model"}

    def model(self, name: str, schema: str = "jaffle_marts") -> pl.DataFrame:
        """A model's rows."""
        with duckdb.connect(str(self.warehouse)) as connection:
            return connection.sql(f"select * from {schema}.{name}").pl()

    def raw(self, table: str) -> pl.DataFrame:
        """A table's rows as they lie in the lake."""
        files = str(self.lake / "jaffle" / table / "*" / "data.parquet")
        return pl.read_parquet(files, hive_schema={"day": pl.Date}, hive_partitioning=True)

    def raw_of_both(self, table: str) -> pl.DataFrame:
        """A raw table of both data sets."""
        frames = (self.raw(f"{table}_{d}").with_columns(dataset=pl.lit(d)) for d in DATASETS)
        return pl.concat(frames)

    def change(self, table: str, day: date, keep: pl.Expr) -> None:
        """Rewrites a day of a table with the rows to keep."""
        path = self.lake / "jaffle" / table / f"day={day}" / "data.parquet"
        pl.read_parquet(path, hive_partitioning=False).filter(keep).write_parquet(path)


def fill(lake: Path, touches: int) -> Path:
    """Generates the days of every table into a lake."""
    scenario = JaffleScenario.of({"touches_per_customer": touches, "start_date": START})
    for table in domain().tables:
        for partition, frame in sources.frames(table, scenario, [str(day) for day in DAYS]):
            path = lake / "jaffle" / table.name / f"day={partition.key}" / "data.parquet"
            path.parent.mkdir(parents=True)
            frame.collect().write_parquet(path)
    return lake


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """A lake for a number of touches, filled when it is first needed."""

    @cache
    def of(touches: int) -> Path:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SYNTH_JAFFLE_START_DATE", str(START))
            patch.delenv("SYNTH_JAFFLE_END_DATE", raising=False)
            return fill(tmp_path_factory.mktemp(f"lake{touches}"), touches)

    return of


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((1, 1), marks=pytest.mark.slow),
        pytest.param((1, 7), marks=pytest.mark.slow),
        pytest.param((5, 1), marks=pytest.mark.slow),
        (5, 7),
    ],
    ids=lambda p: f"{p[0]}touch-{p[1]}day",
)
def built(
    request: pytest.FixtureRequest,
    lakes: Callable[[int], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Shop, dict[str, str]]:
    """A shop that dbt has built and tested as a whole, and the status of every node."""
    touches, window = request.param
    warehouse = tmp_path_factory.mktemp("warehouse") / "w.duckdb"
    shop = Shop(lakes(touches), warehouse, window, touches)
    return shop, shop.dbt("build")


@pytest.fixture
def shop(built: tuple[Shop, dict[str, str]]) -> Shop:
    """The shop alone."""
    return built[0]


def first_orders(shop: Shop) -> pl.DataFrame:
    """Each customer's first order."""
    orders = shop.raw_of_both("raw_orders").sort("order_date", "id")
    return orders.unique(["dataset", "user_id"], keep="first", maintain_order=True)


def visits_of(shop: Shop) -> pl.DataFrame:
    """The sessions of both data sets, with data set and platform."""
    return pl.concat(
        shop.raw(f"stg_{p}_sessions{suffix}").with_columns(
            platform=pl.lit(p), dataset=pl.lit(dataset)
        )
        for p in ("website", "app")
        for dataset, suffix in (("training", ""), ("validation", "_validation"))
    )


def ads_of(shop: Shop) -> pl.DataFrame:
    """The ads of all platforms, with the day on which they are live."""
    return pl.concat(
        shop.raw(f"stg_{p}_ads").with_columns(
            utm_source=pl.lit(p), billed_on=pl.col("date").dt.date()
        )
        for p in ("google", "facebook", "instagram")
    )


def touches_before(shop: Shop, orders: pl.DataFrame) -> pl.DataFrame:
    """The sessions inside the window before each of these orders, oldest first."""
    gap = pl.col("order_date") - pl.col("started_at")
    return (
        orders.select("dataset", order_id="id", customer_id="user_id", order_date="order_date")
        .join(visits_of(shop), on=["dataset", "customer_id"])
        .filter(gap > timedelta(0), gap <= timedelta(days=shop.window))
        .with_columns(day=pl.col("started_at").dt.date())
        .sort("order_id", "started_at", "session_id")
    )


def test_every_dbt_test_passes_and_only_planted_anomalies_warn(
    built: tuple[Shop, dict[str, str]],
) -> None:
    _, statuses = built
    warned = {name for name, status in statuses.items() if status == "warn"}
    # Signups of customers that do not exist or lack theirs, and values of validation alone.
    expected = "relationships_customers_customer_id"
    assert all("validation" in name or name.startswith(expected) for name in warned), warned
    assert "accepted_values_validation_stg_orders_status" in warned
    assert sum(status == "pass" for status in statuses.values()) > 80


def test_orders_are_all_there_and_worth_what_was_paid(shop: Shop) -> None:
    paid = shop.raw_of_both("raw_payments")
    by_method = [
        (pl.col("amount").filter(pl.col("payment_method") == m).sum() / 100).alias(f"{m}_amount")
        for m in METHODS
    ]
    amounts = paid.group_by("dataset", "order_id").agg(
        *by_method, amount=pl.col("amount").sum() / 100
    )
    wanted = (
        shop.raw_of_both("raw_orders")
        .rename({"id": "order_id", "user_id": "customer_id"})
        .join(amounts, on=["dataset", "order_id"], how="left")
        .sort("dataset", "order_id")
    )
    orders = shop.model("orders").sort("dataset", "order_id")
    money = pl.selectors.decimal().cast(pl.Float64)
    assert_frame_equal(orders.with_columns(money), wanted, check_column_order=False)
    unknown = paid.filter(~pl.col("payment_method").is_in(METHODS))
    assert len(unknown), "the new payment method is what the total must not lose"


def test_lost_and_returned_orders_are_orders_by_their_status(shop: Shop) -> None:
    orders = shop.raw_of_both("raw_orders")
    for name, statuses in {
        "returned_orders": ["return_pending", "returned"],
        "lost_orders": ["return_pending", "shipped", "lost"],
    }.items():
        wanted = orders.filter(pl.col("status").is_in(statuses))
        assert sorted(shop.model(name)["order_id"]) == sorted(wanted["id"])


def test_customers_have_their_orders_and_their_signup(shop: Shop) -> None:
    orders = shop.model("orders").group_by("dataset", "customer_id")
    wanted = (
        shop.raw_of_both("raw_customers")
        .select("dataset", customer_id="id")
        .join(
            orders.agg(
                first_order=pl.col("order_date").min(),
                most_recent_order=pl.col("order_date").max(),
                number_of_orders=pl.len().cast(pl.Int64),
                customer_lifetime_value=pl.col("amount").cast(pl.Float64).sum(),
            ),
            on=["dataset", "customer_id"],
            how="left",
        )
        .with_columns(pl.col("number_of_orders", "customer_lifetime_value").fill_null(0))
        .join(
            shop.raw_of_both("raw_signups").select(
                "dataset", "signup_date", customer_id="user_id", customer_email="user_email"
            ),
            on=["dataset", "customer_id"],
            how="left",
        )
        .sort("dataset", "customer_id")
    )
    customers = shop.model("customers").drop("first_name", "last_name")
    found = customers.with_columns(pl.col("customer_lifetime_value").cast(pl.Float64))
    found = found.sort("dataset", "customer_id")
    assert_frame_equal(found, wanted, check_column_order=False)


def test_sessions_never_fan_out_and_meet_the_ad_of_their_day(shop: Shop) -> None:
    ads = ads_of(shop).select("ad_id", "utm_source", "billed_on", "utm_medium", "utm_campain")
    wanted = (
        visits_of(shop)
        .with_columns(billed_on=pl.col("started_at").dt.date())
        .join(ads, on=["ad_id", "utm_source", "billed_on"], how="left", validate="m:1")
        .drop("billed_on")
    )
    found = shop.model("sessions").sort("session_id")
    assert_frame_equal(found, wanted.sort("session_id"), check_column_order=False)
    unknown = found.filter(pl.col("utm_medium").is_null())
    assert set(unknown["dataset"]) == {"validation"}


def test_conversions_go_to_the_last_session_before_the_first_order(shop: Shop) -> None:
    wanted = touches_before(shop, first_orders(shop))
    wanted = wanted.unique("order_id", keep="last").sort("order_id")
    found = shop.model("customer_conversions").sort("order_id")
    assert found["order_id"].to_list() == wanted["order_id"].to_list()
    assert found["session_id"].to_list() == wanted["session_id"].to_list()
    hours = (wanted["order_date"] - wanted["started_at"]).dt.total_seconds() / 3600
    assert found["hours_to_order"].to_list() == pytest.approx(hours.to_list())
    assert set(found["dataset"]) == set(DATASETS)


def test_all_figures_of_marketing_count_the_same_orders(shop: Shop) -> None:
    conversions = shop.model("customer_conversions")
    touches, figures = shop.model("attribution_touches"), shop.model("cpa_and_roas")
    assert set(touches["order_id"]) == set(conversions["order_id"])
    for dataset in DATASETS:
        orders = conversions.filter(dataset=dataset)
        credit = figures.filter(dataset=dataset)
        assert credit["attribution_points"].sum() == pytest.approx(len(orders))
        revenue = float(orders["revenue"].sum())
        assert float(credit["attribution_revenue"].sum()) == pytest.approx(revenue)


def test_first_orders_are_credited_to_their_touches(shop: Shop) -> None:
    wanted = touches_before(shop, first_orders(shop))
    found = shop.model("attribution_touches").sort("order_id", "session_index")
    assert found["session_id"].to_list() == wanted["session_id"].to_list()
    assert found["day"].to_list() == wanted["day"].to_list()
    totals = set(found.filter(dataset="training")["total_sessions"])
    if shop.window == 7:
        assert totals == {shop.touches}
        first = first_orders(shop).filter(dataset="training")
        assert found.filter(dataset="training")["order_id"].n_unique() == len(first)
    else:
        assert totals == set(range(1, shop.touches + 1))


def expected_weights(total: int) -> dict[str, list[float]]:
    """Weights of a journey of so many touches, from the definitions."""
    decayed = [0.7 ** (total - n) for n in range(1, total + 1)]
    middle = [0.2 / max(total - 2, 1)] * max(total - 2, 0)
    return {
        "linear": [1 / total] * total,
        "first_touch": [1.0] + [0.0] * (total - 1),
        "last_touch": [0.0] * (total - 1) + [1.0],
        "forty_twenty_forty": {1: [1.0], 2: [0.5, 0.5]}.get(total, [0.4, *middle, 0.4]),
        "time_decay": [weight / sum(decayed) for weight in decayed],
    }


def test_weights_of_every_model_sum_to_one_and_carry_the_revenue(shop: Shop) -> None:
    touches = shop.model("attribution_touches").sort("order_id", "session_index")
    touches = touches.with_columns(pl.selectors.decimal().cast(pl.Float64))
    for (_,), journey in touches.group_by("order_id"):
        wanted = expected_weights(len(journey))
        for model in MODELS:
            weights = journey[f"{model}_weight"].to_list()
            assert weights == pytest.approx(wanted[model]), (model, len(journey))
            assert sum(weights) == pytest.approx(1)
            assert sum(journey[f"{model}_points"]) == pytest.approx(1)
            assert sum(journey[f"{model}_revenue"]) == pytest.approx(journey["revenue"][0])
    amounts = shop.model("orders").select("order_id", "amount")
    joined = touches.join(amounts, on="order_id")
    assert joined["revenue"].to_list() == joined["amount"].cast(pl.Float64).to_list()


def test_spend_is_what_the_ads_cost_and_credit_counts_on_the_day_of_the_session(
    shop: Shop,
) -> None:
    ads = ads_of(shop).drop("day").rename({"billed_on": "day"})
    spend = shop.model("ads_spend")
    keys = ["day", "utm_source", "utm_medium", "utm_campain"]
    costs = ads.group_by(keys).agg(spend=pl.col("cost").sum())
    assert spend.select(keys).is_duplicated().sum() == 0
    assert_frame_equal(
        spend.sort(keys), costs.sort(keys), check_dtypes=False, check_column_order=False
    )

    day_and_source = ["day", "utm_source"]
    figure = [*day_and_source, "dataset"]
    total = ads.group_by(day_and_source).agg(spent=pl.col("cost").cast(pl.Float64).sum())
    visits = visits_of(shop).with_columns(day=pl.col("started_at").dt.date())
    visits = visits.group_by(figure).len("visits")
    share = pl.col("visits") / pl.col("visits").sum().over(day_and_source)
    total = total.join(visits, on=day_and_source, how="left").select(
        *day_and_source,
        pl.col("dataset").fill_null("training"),
        total_spend=pl.col("spent") * share.fill_null(1),
    )
    touches = touches_before(shop, first_orders(shop))
    amounts = shop.model("orders").select("order_id", pl.col("amount").cast(pl.Float64))
    share = 1 / pl.len().over("order_id")
    credit = (
        touches.join(amounts, on="order_id")
        .with_columns(points=share, revenue=share * pl.col("amount"))
        .group_by(figure)
        .agg(attribution_points=pl.col("points").sum(), attribution_revenue=pl.col("revenue").sum())
    )
    wanted = total.join(credit, on=figure, how="full", coalesce=True).with_columns(
        cost_per_acquisition=pl.col("total_spend") / pl.col("attribution_points"),
        return_on_advertising_spend=pl.col("attribution_revenue") / pl.col("total_spend"),
    )
    sums = ["total_spend", "attribution_points", "attribution_revenue"]
    wanted = wanted.with_columns(pl.col(sums).fill_null(0)).sort(figure)
    found = shop.model("cpa_and_roas").with_columns(pl.selectors.decimal().cast(pl.Float64))
    assert_frame_equal(found.sort(figure), wanted, check_column_order=False)


@pytest.fixture
def own(lakes: Callable[[int], Path], tmp_path: Path) -> Shop:
    """A lake to change, and a warehouse that is still empty."""
    lake = Path(shutil.copytree(lakes(1), tmp_path / "lake"))
    return Shop(lake, tmp_path / "w.duckdb")


@pytest.mark.slow
def test_every_model_is_daily_or_whole(own: Shop) -> None:
    own.dbt("run", only="stg_customers")
    models = own.models()
    daily = {k for k, n in models.items() if "daily" in n["tags"]}
    whole = {k for k, n in models.items() if "whole" in n["tags"]}
    assert daily | whole == set(models)
    assert not daily & whole
    ours = {models[k]["name"] for k in daily if models[k]["path"].startswith("jaffle/")}
    assert ours == set(DAILY_KEYS)
    for key in daily:
        parents = models[key]["depends_on"]["nodes"]
        assert all(p in daily or p.startswith("source.") for p in parents), key


@pytest.mark.slow
@pytest.mark.parametrize("only", [OURS, OTHERS])
def test_every_column_is_documented(own: Shop, only: str) -> None:
    own.dbt("run", only=only, allow_missing_sources=True)
    reported, there = {}, {}
    for node in own.models().values():
        if f"path:models/{node['path'].partition('/')[0]}" not in only.split():
            continue
        documented = {c["name"]: c["description"] for c in node["columns"].values()}
        assert node["description"], node["name"]
        assert node["group"], node["name"]
        assert all(documented.values()), node["name"]
        reported[node["name"]] = list(documented)
        there[node["name"]] = own.model(node["alias"], node["schema"]).columns
    assert reported == there


def daily_models(shop: Shop) -> dict[str, pl.DataFrame]:
    """Every daily model's rows in order."""
    return {name: shop.model(name).sort(keys) for name, keys in DAILY_KEYS.items()}


@pytest.mark.slow
def test_rebuilding_a_day_replaces_exactly_its_rows(own: Shop, tmp_path: Path) -> None:
    # In two parts and at once: what a day holds does not depend on the days it is built with.
    at_once = replace(own, warehouse=tmp_path / "at_once" / "w.duckdb")
    at_once.warehouse.parent.mkdir()
    at_once.dbt("run", only=DAILY)
    own.build_days(DAYS[0], DAYS[9])
    assert own.model("orders")["day"].max() == DAYS[9]
    own.build_days(DAYS[10], DAYS[-1])
    before = daily_models(own)
    for name, rows in daily_models(at_once).items():
        assert_frame_equal(before[name], rows)

    # Day 12 gets fewer orders, day 13 no sessions at all, and of day 14 we do not ask.
    for day in (DAYS[12], DAYS[14]):
        own.change("raw_orders_training", day, pl.int_range(pl.len()) % 2 == 0)
    for platform in ("website", "app"):
        for suffix in ("", "_validation"):
            own.change(f"stg_{platform}_sessions{suffix}", DAYS[13], pl.lit(False))
    own.build_days(DAYS[12], DAYS[13])
    after = daily_models(own)

    rebuilt = pl.col("day").is_between(DAYS[12], DAYS[13])
    for name, rows in before.items():
        assert_frame_equal(after[name].filter(~rebuilt), rows.filter(~rebuilt))
    stored = own.raw_of_both("raw_orders").filter(rebuilt)
    was, now = before["orders"].filter(rebuilt), after["orders"].filter(rebuilt)
    assert sorted(now["order_id"]) == sorted(stored["id"])
    assert len(now) < len(was)
    kept = was.join(now, on=["dataset", "order_id"], how="semi")
    assert now["amount"].sum() == kept["amount"].sum()
    assert after["sessions"].filter(day=DAYS[13]).is_empty()
    assert len(after["sessions"].filter(day=DAYS[12]))


@pytest.mark.slow
def test_spend_without_credit_and_credit_without_spend_are_both_kept(own: Shop) -> None:
    own.change("stg_google_ads", DAYS[3], pl.lit(False))
    for platform in ("website", "app"):
        for suffix in ("", "_validation"):
            own.change(f"stg_{platform}_sessions{suffix}", DAYS[5], pl.lit(False))
    own.dbt("run")
    figures = own.model("cpa_and_roas").filter(utm_source="google", dataset="training")
    credit, spend = (figures.filter(day=DAYS[n]).row(0, named=True) for n in (3, 5))
    assert credit["total_spend"] == 0 < credit["attribution_points"]
    assert spend["attribution_points"] == 0 < spend["total_spend"]
    for row in (credit, spend):
        assert row["cost_per_acquisition"] is None
        assert row["return_on_advertising_spend"] is None


@pytest.mark.slow
def test_models_build_on_what_has_landed_so_far(own: Shop) -> None:
    for folder in (own.lake / "jaffle").iterdir():
        if folder.name not in ("raw_customers_training", "raw_orders_training"):
            shutil.rmtree(folder)
    own.dbt("run", allow_missing_sources=True)
    orders = own.model("orders")
    assert len(orders) == len(own.raw("raw_orders_training"))
    assert set(orders["amount"]) == {0}
    assert own.model("attribution_touches").is_empty()
