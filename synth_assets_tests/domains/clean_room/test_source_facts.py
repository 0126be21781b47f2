"""Distributions of the merchant's source, compared with the shares of the public data set.

Every statistical bound comes from ``chance`` and errs with probability below 1e-9.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from synth_assets.domains.clean_room.source.catalog import CATEGORIES
from synth_assets.domains.clean_room.source.gazetteer import cities
from synth_assets.domains.clean_room.source.networks import NOT_PUBLIC, any_address
from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.values import DAY, since_epoch
from synth_assets_tests.domains.clean_room.made import Frames
from synth_assets_tests.randomness.chance import binomial, chi_square, contingency, kolmogorov

AS_OF = date(2025, 9, 25)
USERS, ORDERS, ITEMS = "thelook_users", "thelook_orders", "thelook_order_items"
PRODUCTS, UNITS, EVENTS = "thelook_products", "thelook_inventory_items", "thelook_events"
CENTERS = "thelook_distribution_centers"
STATUSES = {"Complete": 25, "Cancelled": 15, "Returned": 10, "Processing": 20, "Shipped": 30}
TRAFFIC = {"Organic": 15, "Facebook": 6, "Search": 70, "Email": 5, "Display": 4}
SOURCES = {"Email": 45, "Adwords": 30, "Organic": 5, "YouTube": 10, "Facebook": 10}
# In percent, measured on the public data set.
COUNTRIES = {
    "China": 33.92, "United States": 22.53, "Brasil": 14.56, "South Korea": 5.34, "France": 4.71,
    "United Kingdom": 4.61, "Germany": 4.17, "Spain": 4.02, "Japan": 2.45, "Australia": 2.18,
    "Belgium": 1.25, "Poland": 0.24,
}  # fmt: skip
BROWSERS = {"Chrome": 50, "Safari": 20, "Firefox": 20, "IE": 5, "Other": 5}


def counts(column: pl.Series, of: dict[str, int]) -> list[int]:
    seen = dict(column.value_counts().iter_rows())
    assert set(seen) == set(of)
    return [seen[name] for name in of]


def as_declared(column: pl.Series, of: dict[str, int]) -> bool:
    return chi_square(counts(column, of), list(of.values())) < 1


def seconds(column: str) -> pl.Expr:
    return pl.col(column).dt.epoch("s")


def sessions(events: pl.DataFrame) -> pl.DataFrame:
    """One row per session, with its pages in order."""
    path = pl.col("event_type").sort_by("sequence_number")
    return events.group_by("session_id", maintain_order=True).agg(
        pl.exclude("event_type", "uri").first(),
        path.alias("path"),
        pl.col("uri").sort_by("sequence_number"),
        ended=pl.col("created_at").max(),
    )


@pytest.fixture(scope="module")
def visits(frames: Frames) -> pl.DataFrame:
    return sessions(frames[EVENTS])


# --- users ----------------------------------------------------------------------------------


def test_who_users_are(many: Frames) -> None:
    users = many[USERS]
    assert len(users) == 100_000
    assert as_declared(users["gender"], {"M": 50, "F": 50})
    assert as_declared(users["traffic_source"], TRAFFIC)
    ages = users["age"].value_counts().sort("age")
    assert ages["age"].to_list() == list(range(12, 71))
    gender = (users["gender"] == "M").cast(pl.Int64).to_list()
    assert contingency(gender, ((users["age"] - 12) // 10).to_list()) < 1


def test_names_are_as_frequent_as_people_bear_them(original: Frames) -> None:
    users = original[USERS]
    men = set(users.filter(gender="M")["first_name"])
    women = set(users.filter(gender="F")["first_name"])
    assert {"Michael", "James"} <= men - women
    assert {"Jennifer", "Mary"} <= women - men
    assert users["last_name"].value_counts(sort=True)["last_name"][0] == "Smith"
    assert binomial(int((users["last_name"] == "Smith").sum()), len(users), 0.021712) < 1


def test_users_come_since_2019_and_some_in_the_last_week(original: Frames) -> None:
    came = original[USERS]["created_at"]
    days = (AS_OF - date(2019, 1, 1)).days
    day = (came.dt.epoch("s") - since_epoch(date(2019, 1, 1))) // DAY
    assert (day.min(), day.max()) == (0, days - 1)
    late = 0.025 + 0.975 * 7 / days
    assert binomial(int((day >= days - 7).sum()), len(day), late) < 1
    assert binomial(int((day == days - 8).sum()), len(day), 0.975 / days) < 1
    earlier = day.filter(day < days - 7).to_numpy()
    assert kolmogorov((earlier + 1) / (days - 7) - 0.5 / days) < 1
    last = day.filter(day >= days - 7).value_counts().sort("created_at")
    assert chi_square(last["count"].to_list()) < 1
    hours = came.dt.hour().value_counts().sort("created_at")
    assert hours["created_at"].to_list() == list(range(20))
    assert chi_square(hours["count"].to_list()) < 1


def test_users_live_where_the_countries_shares_say(many: Frames) -> None:
    seen = dict(many[USERS]["country"].value_counts().iter_rows())
    assert chi_square([seen[name] for name in COUNTRIES], list(COUNTRIES.values())) < 1
    few = set(seen) - set(COUNTRIES)
    assert few <= {"Colombia", "Austria", "España", "Deutschland"}
    assert binomial(sum(seen[name] for name in few), 100_000, 0.00025) < 1
    # Within a country by population: a quarter of Koreans of the list live in Seoul.
    koreans = many[USERS].filter(country="South Korea")
    listed = cities().filter(country_code="KR")
    seoul = listed.filter(city="Seoul")["population"].item() / listed["population"].sum()
    assert binomial(int((koreans["city"] == "Seoul").sum()), len(koreans), seoul) < 1


def test_a_place_agrees_with_itself(frames: Frames) -> None:
    place = ["country", "state", "latitude", "longitude"]
    reported = frames[USERS].group_by(place).agg(pl.col("city", "postal_code").n_unique())
    # Few places share coordinates to the fifth digit.
    assert (reported["postal_code"] > 1).mean() < 0.001  # type: ignore[operator]
    assert frames[USERS]["street_address"].str.contains(r"\d").all()


# --- orders and items -----------------------------------------------------------------------


def test_how_many_orders_and_items(frames: Frames, many: Frames) -> None:
    orders = many[ORDERS]
    by_user = orders.group_by("user_id").len()["len"].value_counts().sort("len")
    ordering = by_user["count"].to_list()
    assert by_user["len"].to_list() == [1, 2, 3, 4]
    assert chi_square([100_000 - sum(ordering), *ordering], [20, 50, 20, 5, 5]) < 1
    sizes = orders["num_of_item"].value_counts().sort("num_of_item")
    assert sizes["num_of_item"].to_list() == [1, 2, 3, 4]
    assert chi_square(sizes["count"].to_list(), [70, 20, 5, 5]) < 1
    counted = frames[ITEMS].group_by("order_id").len().sort("order_id")["len"]
    assert counted.to_list() == frames[ORDERS]["num_of_item"].to_list()


def test_how_far_orders_have_come(many: Frames) -> None:
    orders = many[ORDERS]
    assert as_declared(orders["status"], STATUSES)
    dated = orders.group_by("status").agg(pl.col("^.*ed_at$").is_not_null().all())
    said = {row["status"]: row for row in dated.rows(named=True)}
    nulls = orders.group_by("status").agg(pl.col("^.*ed_at$").is_null().all())
    none = {row["status"]: row for row in nulls.rows(named=True)}
    having = {
        "shipped_at": ["Complete", "Returned", "Shipped"],
        "delivered_at": ["Complete", "Returned"],
        "returned_at": ["Returned"],
    }
    for column, statuses in having.items():
        assert sorted(s for s in said if said[s][column]) == statuses
        assert sorted(s for s in none if none[s][column]) == sorted(set(STATUSES) - set(statuses))


@pytest.mark.parametrize(
    ("earlier", "later", "days"),
    [
        ("created_at", "shipped_at", 3),
        ("shipped_at", "delivered_at", 5),
        ("delivered_at", "returned_at", 3),
    ],
)
def test_how_long_parcels_take(original: Frames, earlier: str, later: str, days: int) -> None:
    took = original[ORDERS].select(seconds(later) - seconds(earlier)).to_series().drop_nulls()
    assert took.min() >= 0  # type: ignore[operator]
    assert kolmogorov(took.to_numpy() / (days * DAY)) < 1


def test_orders_lie_evenly_between_registration_and_now(original: Frames) -> None:
    joined = orders_with_users(original)
    share = joined.select(
        (seconds("created_at") - pl.col("joined")) / (since_epoch(AS_OF) - pl.col("joined"))
    ).to_series()
    assert share.min() >= 0  # type: ignore[operator]
    assert share.max() < 1  # type: ignore[operator]
    assert kolmogorov(share.to_numpy()) < 1


def orders_with_users(frames: Frames) -> pl.DataFrame:
    users = frames[USERS].select(user_id="id", joined=seconds("created_at"), sex="gender")
    return frames[ORDERS].join(users, on="user_id", maintain_order="left")


def test_orders_rise_steeply_towards_the_last_day(original: Frames) -> None:
    joined = orders_with_users(original)
    by_day = dict(joined["created_at"].dt.date().value_counts().iter_rows())
    begun = joined["joined"].to_numpy()
    for before in (1, 2, 3, 5, 7, 24):
        midnight = since_epoch(AS_OF - timedelta(days=before))
        inside = np.clip(midnight + DAY - np.maximum(begun, midnight), 0, DAY)
        chance = inside / (since_epoch(AS_OF) - begun)
        spread = np.sqrt((chance * (1 - chance)).sum())
        seen = by_day[AS_OF - timedelta(days=before)]
        assert abs(seen - chance.sum()) < 6.5 * spread + 1, before
    # Simulated with the public data set's checks: 1,463 on the last day,
    # 929 the day before, 418 five days before, 242 24 days before; about 35 a day in 2022.
    assert binomial(by_day[AS_OF - timedelta(days=1)], len(joined), 1_650 / 125_000) < 1
    year = joined.filter(pl.col("created_at").dt.year() == 2022)
    assert binomial(len(year), len(joined), 36 * 365 / 125_000) < 1
    days = [by_day[AS_OF - timedelta(days=before)] for before in (1, 2, 5, 24)]
    assert all(later > 1.25 * earlier for later, earlier in pairwise(days))


def test_an_order_is_its_users_and_an_item_its_orders(frames: Frames) -> None:
    orders = orders_with_users(frames)
    assert orders["gender"].equals(orders["sex"].rename("gender"))
    items = frames[ITEMS].join(frames[ORDERS], on="order_id", suffix="_order")
    assert len(items) == len(frames[ITEMS])
    for column in ("user_id", "status", "shipped_at", "delivered_at", "returned_at"):
        assert items[column].equals(items[f"{column}_order"].rename(column)), column


# --- products and stock -----------------------------------------------------------------------


def test_the_range(frames: Frames) -> None:
    products = frames[PRODUCTS]
    assert len(products) == 29_120
    assert products["category"].n_unique() == len(CATEGORIES) == 26
    assert dict(products["department"].value_counts().iter_rows()) == {
        "Women": 15_989,
        "Men": 13_131,
    }
    for department in ("women", "men"):
        sold = products.filter(pl.col("department").str.to_lowercase() == department)["category"]
        weights = {c.name: getattr(c, department) for c in CATEGORIES if getattr(c, department)}
        assert as_declared(sold, weights)
    of_men = set(products.filter(department="Men")["category"])
    assert "Underwear" in of_men
    assert not of_men & {"Dresses", "Intimates", "Skirts", "Maternity"}
    assert products["sku"].str.contains("^[0-9A-F]{32}$").all()
    assert chi_square(products["distribution_center_id"].value_counts()["count"].to_list()) < 1
    assert 900 < products["brand"].n_unique() <= 1_250
    sold = products["brand"].value_counts(sort=True)["count"]
    assert sold[0] > 10 * sold[len(sold) // 2]


def test_prices_are_plausible(frames: Frames) -> None:
    products = frames[PRODUCTS]
    price = products["retail_price"]
    assert 50 < price.mean() < 70  # type: ignore[operator]
    assert price.min() == 1.99
    assert 500 < price.max() <= 999  # type: ignore[operator]
    cents = price * 100
    assert ((cents - cents.round()).abs() < 1e-6).all()
    median = dict(products.group_by("category").agg(pl.col("retail_price").median()).iter_rows())
    assert median["Outerwear & Coats"] > 1.5 * median["Sweaters"] > 3 * median["Socks"]
    margin = products.select(1 - pl.col("cost") / pl.col("retail_price")).to_series()
    assert margin.is_between(0.25, 0.75).all()


def test_items_are_any_product_of_the_buyers_department(frames: Frames) -> None:
    items = frames[ITEMS].join(frames[PRODUCTS], left_on="product_id", right_on="id")
    items = items.join(frames[USERS], left_on="user_id", right_on="id")
    assert (items["sale_price"] == items["retail_price"]).all()
    assert ((items["department"] == "Men") == (items["gender"] == "M")).all()
    for gender, first, size in (("F", 1, 15_989), ("M", 15_990, 13_131)):
        sold = items.filter(gender=gender)["product_id"].to_numpy()
        assert kolmogorov((sold - first + 0.5) / size) < 1


def test_every_item_is_a_unit_of_a_lot(frames: Frames) -> None:
    units, items = frames[UNITS], frames[ITEMS]
    sold = units.filter(pl.col("sold_at").is_not_null()).sort("id")
    assert sold["id"].equals(items["inventory_item_id"].rename("id"))
    assert sold["sold_at"].equals(items["created_at"].rename("sold_at"))
    assert sold["product_id"].equals(items["product_id"])
    lot = sold["id"].search_sorted(units["id"], side="right")
    unsold = (lot.value_counts()["count"] - 1).alias("unsold").value_counts().sort("unsold")
    assert unsold["unsold"].to_list() == [1, 2, 3]
    assert chi_square(unsold["count"].to_list(), [5, 3, 2]) < 1
    waited = sold.select(seconds("sold_at") - seconds("created_at")).to_series()
    assert waited.min() > 0  # type: ignore[operator]
    assert abs(waited.mean() / DAY - 30) < 0.6  # type: ignore[operator]
    joined = units.join(frames[PRODUCTS], left_on="product_id", right_on="id", suffix="_p")
    for column in ("category", "name", "brand", "retail_price", "department", "sku"):
        same = joined[f"product_{column}"].equals(joined[column].rename(f"product_{column}"))
        assert same, column
    assert joined["cost"].equals(joined["cost_p"].rename("cost"))


def test_the_ten_distribution_centers(frames: Frames) -> None:
    assert frames[CENTERS].height == 10
    assert frames[CENTERS]["name"].str.contains("Memphis|Savannah|Port Authority").sum() == 3
    assert frames[CENTERS]["latitude"].is_between(29, 42).all()
    assert frames[CENTERS]["longitude"].is_between(-119, -73).all()


# --- events -----------------------------------------------------------------------------------


def test_how_many_events(frames: Frames, visits: pl.DataFrame) -> None:
    sizes = frames[ORDERS]["num_of_item"].value_counts().sort("num_of_item")["count"].to_list()
    known = sum(n * pages for n, pages in zip(sizes, (5, 14, 30, 52), strict=True))
    assert frames[EVENTS]["user_id"].is_not_null().sum() == known
    anonymous = visits.filter(pl.col("user_id").is_null())
    assert len(anonymous) == 5 * 20_000
    assert len(visits) == len(anonymous) + len(frames[ITEMS])
    paths = anonymous["path"].list.join(">")
    even = {
        "product": 1,
        "department>product": 1,
        "product>cart>cancel": 1,
        "department>product>cart": 1,
    }
    assert as_declared(paths, even)
    assert abs(anonymous["path"].list.len().mean() - 2.25) < 0.02  # type: ignore[operator]


def test_a_session_is_one_page_path_of_one_visitor(frames: Frames) -> None:
    page = pl.col("sequence_number")
    reported = (
        frames[EVENTS]
        .group_by("session_id")
        .agg(
            pl.exclude("id", "sequence_number", "created_at", "uri", "event_type").n_unique(),
            numbered=page.sort() == pl.int_range(1, pl.len() + 1),
            step=seconds("created_at").sort_by(page).diff(),
        )
    )
    assert (reported.select(pl.exclude("session_id", "numbered", "step")) == 1).to_numpy().all()
    assert reported["numbered"].list.all().all()
    steps = reported["step"].explode().drop_nulls()
    assert 1 <= steps.min() <= steps.max() < 360  # type: ignore[operator]
    assert frames[EVENTS]["session_id"].str.contains(
        "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
    ).all()  # fmt: skip


def test_who_comes_how(visits: pl.DataFrame) -> None:
    assert as_declared(visits["traffic_source"], SOURCES)
    assert as_declared(visits["browser"], BROWSERS)


def test_addresses_are_any_public_ones_without_local_networks() -> None:
    session = pl.LazyFrame({"session": range(50_000)})
    drawn = session.select(any_address(RandomStream(1, "ip"), pl.col("session")))
    octets = drawn.collect().to_series().str.split(".")
    assert (octets.list.len() == 4).all()
    numbers = octets.list.eval(pl.element().cast(pl.Int64))
    assert set(numbers.list.first()) == set(range(1, 224)) - set(NOT_PUBLIC)
    for place in range(1, 4):
        seen = numbers.list.get(place).value_counts()
        assert len(seen) == 256
        assert chi_square(seen["count"].to_list()) < 1


def test_every_item_is_bought_in_a_session_of_its_own(frames: Frames, visits: pl.DataFrame) -> None:
    bought = visits.filter(pl.col("user_id").is_not_null()).sort("id")
    items = frames[ITEMS].join(
        frames[ORDERS].select("order_id", "num_of_item"), on="order_id", maintain_order="left"
    )
    assert bought["user_id"].to_list() == items["user_id"].to_list()
    assert bought["ended"].to_list() == items["created_at"].to_list()
    single = ["home", "department", "product", "cart", "purchase"]
    path = {n: ["department", "product", "cart"] * n + ["purchase"] for n in (2, 3, 4)}
    expected = [({1: single} | path)[n] for n in items["num_of_item"]]
    assert bought["path"].to_list() == expected


def test_pages_show_the_orders_products_the_own_one_last(
    frames: Frames, visits: pl.DataFrame
) -> None:
    bought = visits.filter(pl.col("user_id").is_not_null()).sort("id")
    shown = bought["uri"].list.eval(
        pl.element().filter(pl.element().str.starts_with("/product/")).str.slice(9).cast(pl.Int64)
    )
    items = frames[ITEMS].with_columns(shown=shown)
    assert (items["shown"].list.last() == items["product_id"]).all()
    orders = items.group_by("order_id").agg(pl.col("product_id").sort())
    items = items.join(orders, on="order_id", suffix="s")
    assert (items["shown"].list.sort() == items["product_ids"]).all()


def test_paths_say_what_is_seen(frames: Frames) -> None:
    events = frames[EVENTS]
    plain = {"home": "/", "cart": "/cart", "purchase": "/purchase", "cancel": "/cancel"}
    for page, path in plain.items():
        assert set(events.filter(event_type=page)["uri"]) == {path}
    pattern = r"^/department/(women|men)/category/[a-z&-]+/brand/[a-z&.]+$"
    assert events.filter(event_type="department")["uri"].str.contains(pattern).all()
    # A department's page comes right before its product's.
    seen = events.sort("session_id", "sequence_number").with_columns(after=pl.col("uri").shift(-1))
    seen = seen.filter(event_type="department")
    number = seen["after"].str.extract(r"^/product/(\d+)$").cast(pl.Int64)
    reported = seen.with_columns(product_id=number).join(
        frames[PRODUCTS], left_on="product_id", right_on="id"
    )
    assert len(reported) == len(seen)
    department = reported["uri"].str.extract("^/department/([a-z]+)/").str.to_titlecase()
    assert (department == reported["department"]).all()


def test_known_visitors_are_at_home(frames: Frames) -> None:
    events = frames[EVENTS].drop_nulls("user_id")
    joined = events.join(frames[USERS], left_on="user_id", right_on="id", suffix="_home")
    for column in ("city", "state", "postal_code"):
        assert joined[column].equals(joined[f"{column}_home"].rename(column))
