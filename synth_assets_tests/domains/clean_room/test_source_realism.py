"""Where the merchant's users are more lifelike than those of the public data set.

Each can be switched off, which gives the public data set's way; ``test_source_facts`` tests that.
"""

from __future__ import annotations

from datetime import date
from ipaddress import ip_address
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from synth_assets.domains.clean_room.source.gazetteer import COUNTRIES, cities_with_codes
from synth_assets.domains.clean_room.source.margins import fitted
from synth_assets.domains.clean_room.source.networks import COUNTRY_CODES, country_of, prefixes
from synth_assets.domains.clean_room.source.people.ages import YEAR, Ages
from synth_assets.domains.clean_room.source.people.names import (
    ALL_CULTURES,
    first_weights,
    last_weights,
)
from synth_assets.domains.clean_room.source.people.street_lists import STREETS
from synth_assets.domains.clean_room.source.people.streets import street_address
from synth_assets.randomness.seasonality import ORDER_HOURS
from synth_assets.randomness.streams import RandomStream
from synth_assets.randomness.values import since_epoch
from synth_assets_tests.domains.clean_room.made import Frames, clean_room, rows
from synth_assets_tests.randomness.chance import binomial, chi_square

USERS, ORDERS, ITEMS, PRODUCTS, EVENTS = (
    f"thelook_{name}" for name in ("users", "orders", "order_items", "products", "events")
)
AS_OF = date(2025, 9, 25)
# Time zones of countries with one, and of a state.
ZONES = {
    "China": "Asia/Shanghai", "South Korea": "Asia/Seoul", "Japan": "Asia/Tokyo",
    "France": "Europe/Paris", "United Kingdom": "Europe/London", "Germany": "Europe/Berlin",
}  # fmt: skip


def test_names_are_those_of_the_country(many: Frames) -> None:
    top = dict(
        many[USERS].group_by("country").agg(pl.col("last_name").mode().sort().first()).iter_rows()
    )
    expected = {
        "China": "Wang", "United States": "Smith", "Brasil": "Silva", "South Korea": "Kim",
        "United Kingdom": "Smith",
    }  # fmt: skip
    assert {country: top[country] for country in expected} == expected
    for country, name, share in (
        ("South Korea", "Kim", 0.2274), ("United States", "Smith", 0.0217),
        ("China", "Wang", 0.0779), ("Brasil", "Silva", 0.10), ("Spain", "García", 0.031),
    ):  # fmt: skip
        here = many[USERS].filter(country=country)["last_name"]
        assert binomial(int((here == name).sum()), len(here), share) < 1.1, country
    first = dict(many[USERS].filter(country="Brasil")["first_name"].value_counts().iter_rows())
    assert first["Maria"] > 3 * first["Renata"]


def test_polish_last_names_have_a_gender() -> None:
    assert last_weights("pl_PL", "F")["Kowalska"] == last_weights("pl_PL", "M")["Kowalski"]
    assert "Kowalski" not in last_weights("pl_PL", "F")


@pytest.mark.parametrize("culture", ALL_CULTURES)
def test_every_culture_has_names_and_streets(culture: str) -> None:
    for gender in ("M", "F"):
        assert len(first_weights(culture, gender)) >= 30
        assert len(last_weights(culture, gender)) >= 60
        for name in (*first_weights(culture, gender), *last_weights(culture, gender)):
            assert name == name.strip()
            assert name.isprintable()
    assert culture in STREETS


@pytest.mark.parametrize(
    ("culture", "pattern"),
    [
        ("en_US", r"^\d{1,4} \S"), ("de_DE", r"^\S+(straße|weg|ring|allee) \d{1,3}$"),
        ("fr_FR", r"^\d{1,3} (rue|avenue|boulevard|place|chemin|impasse) "),
        ("es_ES", r"^(Calle|Avenida|Plaza|Paseo|Camino) .*, \d+$"),
        ("ja_JP", r"^\d-\d{1,2}-\d{1,2} [A-Z]"),
        ("zh_CN", r"^No\. \d{1,3} "), ("pt_BR", r"^\S+ .*, \d{1,4}$"),
    ],
)  # fmt: skip
def test_streets_have_the_form_of_the_country(culture: str, pattern: str) -> None:
    row = pl.col("row")
    frame = pl.LazyFrame({"row": range(2_000)}).select(
        street_address(RandomStream(1, "streets"), row, pl.lit(ALL_CULTURES.index(culture)))
    )
    streets = frame.collect().to_series()
    assert streets.str.contains(pattern).all()
    assert streets.n_unique() > 900


@pytest.mark.parametrize("country", list(ZONES))
def test_orders_are_placed_by_the_local_clock(many: Frames, country: str) -> None:
    users = many[USERS].filter(country=country).select(user_id="id", joined="created_at")
    orders = many[ORDERS].join(users, on="user_id")
    local = orders["created_at"].dt.convert_time_zone(str(ZoneInfo(ZONES[country])))
    night = float((local.dt.hour() < 6).mean())  # type: ignore[arg-type]
    assert abs(night - sum(ORDER_HOURS[:6]) / sum(ORDER_HOURS)) < 0.02
    busiest = local.dt.hour().value_counts(sort=True)["created_at"][0]
    assert 9 <= busiest <= 17
    joined = users["joined"].dt.convert_time_zone(ZONES[country]).dt.hour()
    assert 0.005 < (joined < 6).mean() < 0.05  # type: ignore[operator]


def test_parcels_arrive_by_day(many: Frames) -> None:
    users = many[USERS].filter(country="China").select(user_id="id")
    orders = many[ORDERS].join(users, on="user_id")
    for column in ("delivered_at", "returned_at"):
        hour = orders[column].drop_nulls().dt.convert_time_zone(ZONES["China"]).dt.hour()
        assert hour.is_between(8, 19).mean() > 0.97, column  # type: ignore[operator]
    shipped = many[ORDERS]["shipped_at"].drop_nulls().dt.convert_time_zone("America/Chicago")
    assert shipped.dt.hour().is_between(7, 18).mean() > 0.97  # type: ignore[operator]


def test_parcels_take_as_long_as_in_the_public_data_set(many: Frames) -> None:
    for earlier, later, days in (
        ("created_at", "shipped_at", 3), ("shipped_at", "delivered_at", 5),
        ("delivered_at", "returned_at", 3),
    ):  # fmt: skip
        took = (many[ORDERS][later] - many[ORDERS][earlier]).drop_nulls().dt.total_seconds()
        assert 0 <= took.min() <= took.max() <= days * 86_400  # type: ignore[operator]
        assert abs(took.mean() / 86_400 - days / 2) < 0.1 * days  # type: ignore[operator]


def test_nobody_registered_before_the_youngest_age(many: Frames, original: Frames) -> None:
    def too_young(users: pl.DataFrame) -> float:
        years = (since_epoch(AS_OF) - pl.col("created_at").dt.epoch("s")) // YEAR
        return float(users.select((pl.col("age") - years < 12).mean()).item())

    assert too_young(many[USERS]) == 0
    assert too_young(original[USERS]) > 0.03
    ages = many[USERS]["age"]
    assert chi_square(ages.filter(ages >= 19).value_counts()["count"].to_list()) < 1
    # Whoever has registered lately is of any age: no more of them are children than in all ages.
    lately = many[USERS].filter(pl.col("created_at").dt.date() > date(2024, 9, 27))["age"]
    assert lately.n_unique() == 59
    assert chi_square(lately.value_counts()["count"].to_list()) < 1


def test_ages_of_a_shop_older_than_its_users() -> None:
    ages = Ages(12, 70, (1.0,) * 80)
    assert ages.shares.sum() == pytest.approx(1)
    assert ages.shares[-1] > 0.1
    assert ages.shares[0] == pytest.approx(1 / 59 / 80)
    assert Ages(18, 70, (1.0,)).shares == pytest.approx(np.full(53, 1 / 53))


def test_fitted_weights_have_both_margins() -> None:
    found = fitted(np.array([[1.0, 0.0], [1.0, 2.0]]), np.array([1.0, 3.0]), np.array([2.0, 2.0]))
    assert found[0] == pytest.approx([1, 0])
    assert np.array([0.25, 0.75]) @ found == pytest.approx([0.5, 0.5])


def test_what_people_buy_fits_their_age(frames: Frames) -> None:
    items = (
        frames[ITEMS]
        .join(frames[PRODUCTS].select("category", product_id="id"), on="product_id")
        .join(frames[USERS].select("age", user_id="id"), on="user_id")
    )
    expecting = items.filter(category="Maternity")["age"]
    assert expecting.is_between(18, 59).all()
    assert expecting.is_between(18, 44).mean() > 0.95  # type: ignore[operator]
    mean = dict(items.group_by("category").agg(pl.col("age").mean()).iter_rows())
    assert mean["Suits & Sport Coats"] > mean["Fashion Hoodies & Sweatshirts"] + 4
    original = rows(clean_room(users=20_000, fitting_ages="false"), ITEMS)
    worn = original.join(frames[PRODUCTS], left_on="product_id", right_on="id")
    ages = worn.filter(category="Maternity").join(
        rows(clean_room(users=20_000, fitting_ages="false"), USERS),
        left_on="user_id",
        right_on="id",
    )["age"]
    assert (ages >= 60).mean() > 0.1  # type: ignore[operator]


def test_product_names_fit_their_category(frames: Frames) -> None:
    products = frames[PRODUCTS]
    assert not products.filter(category="Swim")["name"].str.contains("Merino|Wool|Linen").any()
    assert (
        not products.filter(department="Men")["name"].str.contains("Tunic|Nightgown|Bikini").any()
    )
    assert products["name"].n_unique() > 0.95 * len(products)


def test_last_names_are_spelt_as_people_write_them() -> None:
    american, chinese = last_weights("en_US", "M"), last_weights("zh_CN", "M")
    assert {"McDonald", "O'Brien", "Smith", "Mack", "Macias"} <= set(american)
    assert not any(name in american for name in ("Mcdonald", "Obrien"))
    assert {"Zeng", "Qiu", "Ouyang"} <= set(chinese)
    assert not {"Ceng", "Chou"} & set(chinese)


def test_addresses_are_of_the_visitors_country(frames: Frames) -> None:
    known = frames[EVENTS].drop_nulls("user_id").select("user_id", "ip_address")
    homes = frames[USERS].select("country", user_id="id")
    seen = known.join(homes, on="user_id").with_columns(number=country_of(pl.col("ip_address")))
    codes = {"China": "CN", "United States": "US", "Brasil": "BR", "Deutschland": "DE"}
    for country, code in codes.items():
        assert set(seen.filter(country=country)["number"]) <= {COUNTRY_CODES.index(code)}
    # A visitor's addresses are of one network, and change from session to session.
    networks = known.with_columns(network=pl.col("ip_address").str.extract(r"^(\d+\.\d+)\."))
    assert networks.group_by("user_id").agg(pl.col("network").n_unique())["network"].max() == 1
    assert known.unique()["ip_address"].n_unique() > 0.9 * len(known.unique())
    assert not known["ip_address"].str.contains(r"\.(0|255)$").any()


def test_no_network_is_in_two_countries_or_reserved() -> None:
    listed = [prefix for some in prefixes() for prefix in some]
    assert len(listed) == len(set(listed))
    assert all(ip_address(prefix << 16).is_global for prefix in listed)
    assert set(COUNTRY_CODES) == {country.code for country in COUNTRIES}


def test_shares_of_mail_hosts_are_settings() -> None:
    users = rows(clean_room(mail_org=0.5, mail_net=0.5, users=5_000), USERS)
    hosts = users["email"].str.extract("@(.+)$").value_counts()
    assert set(hosts["email"]) == {"example.org", "example.net"}
    assert binomial(int(hosts.filter(email="example.org")["count"].item()), 5_000, 0.5) < 1


@pytest.mark.parametrize(
    ("city", "pattern"),
    [
        ("Paris 13e Arrondissement", "75013"), ("Lyon 03", "69003"), ("Marseille 14", "13014"),
        ("Bagneux", r"9[2-4]\d{3}"), ("Vincennes", r"9[2-4]\d{3}"), ("Montrouge", r"9[2-4]\d{3}"),
        ("Roquette", r"750[012]\d"),
    ],
)  # fmt: skip
def test_codes_of_paris_are_its_districts(city: str, pattern: str) -> None:
    here = cities_with_codes().filter(country_code="FR", city=city)["postal_code"]
    assert len(here)
    assert here.str.contains(f"^{pattern}$").all()


def test_sessions_start_by_the_local_clock(frames: Frames) -> None:
    users = frames[USERS].filter(country="China").select("city").unique()
    visits = frames[EVENTS].filter((pl.col("sequence_number") == 1) & pl.col("user_id").is_null())
    there = visits.join(users, on="city").filter(pl.col("state") == "Guangdong")
    hour = there["created_at"].dt.convert_time_zone("Asia/Shanghai").dt.hour()
    assert len(hour) > 1_000
    assert (hour < 6).mean() < 0.04  # type: ignore[operator]
