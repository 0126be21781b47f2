"""Every defect of the public data set is present by default, at the same rate, and can be off."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from synth_assets.domains.clean_room.model import open_model
from synth_assets.domains.clean_room.source.gazetteer import cities, cities_with_codes
from synth_assets.domains.clean_room.source.people.names import letters
from synth_assets.domains.clean_room.source.postal.areas import AREAS
from synth_assets.domains.clean_room.source.postal.codes import areas
from synth_assets_tests.domains.clean_room.made import Frames, all_made, clean_room, default, rows
from synth_assets_tests.randomness.chance import binomial

USERS, ORDERS, ITEMS = "thelook_users", "thelook_orders", "thelook_order_items"
UNITS, EVENTS = "thelook_inventory_items", "thelook_events"
AS_OF = date(2025, 9, 25)


def without(defect: str, *names: str) -> Frames:
    return all_made(clean_room(users=20_000, **{defect: "false"}), names)


def shared(users: pl.DataFrame) -> float:
    """Share of users who share their e-mail address with another user."""
    return float(users.filter(pl.col("email").is_duplicated()).height / len(users))


def test_namesakes_share_an_email(original: Frames) -> None:
    users = original[USERS]
    # The public data set at this size: 83,758 addresses, 27% of users share one, up to 24 one.
    assert abs(users["email"].n_unique() - 83_758) < 600
    assert abs(shared(users) - 0.27) < 0.01
    most = users["email"].value_counts(sort=True)["count"][0]
    assert 15 <= most <= 32
    person = (pl.col("first_name") + pl.col("last_name").str.replace("'", "")).str.to_lowercase()
    assert users.select((pl.col("email").str.split("@").list.first() == person).all()).item()
    assert set(users["email"].str.split("@").list.last()) == {
        "example.com", "example.org", "example.net",
    }  # fmt: skip
    assert users["id"].is_unique().all()


def test_namesakes_of_any_country_share_an_email(many: Frames) -> None:
    users = many[USERS]
    assert abs(users["email"].n_unique() - 83_758) < 900
    assert 0.23 < shared(users) < 0.28
    spelt = [letters(first + last) for first, last in users["first_name", "last_name"].iter_rows()]
    assert users["email"].str.split("@").list.first().to_list() == spelt


def test_without_it_every_user_has_an_email(frames: Frames) -> None:
    users = without("duplicate_emails", USERS)[USERS]
    assert users["email"].is_unique().all()
    assert users.drop("email").equals(frames[USERS].drop("email"))
    assert users["email"].str.contains(r"^[a-z]+\d+@example\.(com|org|net)$").all()


def test_items_are_stamped_before_their_order(frames: Frames) -> None:
    gap = stamps(frames)
    assert gap.is_between(-4 * 3_600, 0).all()
    # On average two hours, whose standard error is tiny.
    assert abs(float(gap.mean()) + 7_200) < 200  # type: ignore[arg-type]
    sound = without("items_before_orders", ORDERS, ITEMS, UNITS)
    assert (stamps(sound) == 0).all()
    assert sound[ORDERS].equals(frames[ORDERS])
    assert sound[ITEMS].drop("created_at").equals(frames[ITEMS].drop("created_at"))
    sold = sound[UNITS].drop_nulls("sold_at")["sold_at"]
    assert sold.to_list() == sound[ITEMS]["created_at"].to_list()


def stamps(frames: Frames) -> pl.Series:
    joined = frames[ITEMS].join(frames[ORDERS], on="order_id", suffix="_order")
    return (joined["created_at"] - joined["created_at_order"]).dt.total_seconds()


def test_some_countries_are_spelled_twice(many: Frames) -> None:
    users = many[USERS]
    seen = dict(users["country"].value_counts().iter_rows())
    assert binomial(seen.get("España", 0) + seen.get("Deutschland", 0), len(users), 0.0001) < 1
    assert seen.get("España", 0) + seen.get("Deutschland", 0) > 0
    once = rows(clean_room(mixed_countries="false"), USERS)
    assert not {"España", "Deutschland"} & set(once["country"])
    assert once.drop("country").equals(users.drop("country"))
    moved = once["country"].filter(users["country"].is_in(["España", "Deutschland"]))
    assert set(moved) <= {"Spain", "Germany"}


def test_some_cities_are_null_in_letters(frames: Frames, many: Frames) -> None:
    users = many[USERS]
    nameless = users["city"] == "null"
    assert 0.006 < nameless.mean() < 0.014  # type: ignore[operator]
    assert users["city"].null_count() == 0
    # It is the place's: all who live there say so, and pages seen from there.
    place = users.group_by("country", "state", "postal_code", "latitude", "longitude").agg(
        pl.col("city")
    )
    # Small places of the United States share ZIP codes.
    place = place.filter(pl.col("country") != "United States")
    mixed = place.filter(pl.col("city").list.n_unique() > 1)
    assert len(mixed) / len(place) < 0.001
    assert 0.004 < (frames[EVENTS]["city"] == "null").mean() < 0.016  # type: ignore[operator]
    named = without("null_cities", USERS, EVENTS)
    assert not (named[USERS]["city"] == "null").any()
    assert not (named[EVENTS]["city"] == "null").any()
    kept = frames[USERS]["city"] != "null"
    assert named[USERS].filter(kept).equals(frames[USERS].filter(kept))


def test_postal_codes_have_lost_their_leading_zeros(frames: Frames) -> None:
    whole = without("lost_zeros", USERS)[USERS]
    lost = frames[USERS]["postal_code"].str.len_chars() < whole["postal_code"].str.len_chars()
    assert 0.02 < lost.mean() < 0.2  # type: ignore[operator]
    zeros = whole["postal_code"].str.contains(r"^0\d+$")
    assert lost.equals(zeros.rename(lost.name))
    assert whole.drop("postal_code").equals(frames[USERS].drop("postal_code"))
    jersey = whole.filter(country="United States", state="New Jersey")["postal_code"]
    assert len(jersey) > 50
    assert jersey.str.contains("^0[78][0-9]{3}$").all()
    written = frames[USERS].filter(country="United States", state="New Jersey")["postal_code"]
    assert written.str.contains("^[78][0-9]{3}$").all()
    # Codes with a hyphen never were numbers.
    japan = frames[USERS].filter(country="Japan")["postal_code"]
    assert japan.str.contains("^[0-9]{3}-[0-9]{4}$").all()


def test_parcels_are_delivered_in_the_future(frames: Frames) -> None:
    dates = ["shipped_at", "delivered_at", "returned_at"]
    for column in dates:
        assert (frames[ORDERS][column].dt.date() >= AS_OF).any(), column
        assert (frames[ITEMS][column].dt.date() >= AS_OF).any(), column
    sound = without("future_deliveries", ORDERS, ITEMS)
    for column in dates:
        assert not (sound[ORDERS][column].dt.date() >= AS_OF).any(), column
        assert not (sound[ITEMS][column].dt.date() >= AS_OF).any(), column
    # Only what would have been late is another.
    past = frames[ORDERS]["created_at"].dt.date() < date(2025, 9, 10)
    assert sound[ORDERS].filter(past).equals(frames[ORDERS].filter(past))
    assert sound[ORDERS].drop(dates).equals(frames[ORDERS].drop(dates))


def test_some_users_are_children(frames: Frames) -> None:
    young = int((frames[USERS]["age"] < 18).sum())
    # Only those who registered less than k years ago can be below 12 + k.
    years = open_model(default().scenario).ages.shares[:6].sum()
    assert 0.04 < years < 0.08
    assert binomial(young, 20_000, years) < 1
    grown = without("minors", USERS)[USERS]
    assert (grown["age"].min(), grown["age"].max()) == (18, 70)
    assert grown.drop("age").equals(frames[USERS].drop("age"))


# --- the gazetteer ------------------------------------------------------------------------------


def test_the_gazetteers_cities_are_real() -> None:
    known = cities()
    assert 15_000 < len(known) < 20_000
    assert known.null_count().sum_horizontal().item() == 0
    assert known.select("country_code", "state", "city").is_unique().all()
    assert known["population"].min() >= 10_000  # type: ignore[operator]
    london = known.filter(city="London", country_code="GB").row(0, named=True)
    assert (round(london["latitude"]), round(london["longitude"])) == (52, 0)
    assert known["code"].is_unique().all()


@pytest.mark.parametrize(
    ("country", "pattern"),
    [
        ("CN", r"\d{6}"), ("US", r"\d{5}"), ("BR", r"\d{5}-\d{3}"), ("KR", r"\d{5}"),
        ("FR", r"\d{5}"), ("GB", r"[A-Z]{1,2}\d{1,2} \d[A-Z]{2}"), ("DE", r"\d{5}"),
        ("ES", r"\d{5}"), ("JP", r"\d{3}-\d{4}"), ("AU", r"\d{4}"), ("BE", r"[1-9]\d{3}"),
        ("PL", r"\d{2}-\d{3}"), ("CO", r"\d{6}"), ("AT", r"[1-9]\d{3}"),
    ],
)  # fmt: skip
def test_postal_codes_are_of_the_countrys_form(country: str, pattern: str) -> None:
    codes = cities_with_codes().filter(country_code=country)
    assert len(codes) > 50
    assert codes["postal_code"].str.contains(f"^{pattern}$").all()
    assert codes["postal_code"].str.contains("[1-9A-Z]").all()  # something is left without zeros
    assert codes.select("country_code", "state", "city", "postal_code").is_duplicated().sum() == 0


@pytest.mark.parametrize("country", list(AREAS))
def test_postal_areas_are_named_after_known_cities(country: str) -> None:
    named = areas(country)
    assert len({area.city for area in named}) == len(named)
    assert all(area.starts for area in named)


@pytest.mark.parametrize(
    ("country", "city", "pattern"),
    [
        ("FR", "Paris", r"750(0[1-9]|1\d|20)"), ("FR", "Nice", r"06\d00"),
        ("GB", "Manchester", r"M\d\d? .*"), ("GB", "Edinburgh", r"EH\d\d? .*"),
        ("DE", "Berlin", r"1[0-3]\d{3}"), ("DE", "Munich", r"8[01]\d{3}"),
        ("ES", "Barcelona", r"080\d\d"), ("JP", "Sapporo", r"06[0-5]-.*"),
        ("CN", "Shanghai", r"20\d{4}"), ("CN", "Guangzhou", r"510\d{3}"),
        ("BR", "Rio de Janeiro", r"2[0-3]\d{3}-\d{3}"), ("KR", "Seoul", r"0[1-9]\d{3}"),
        ("AU", "Melbourne", r"3\d{3}"), ("US", "Boston", r"02[12]\d\d"),
        ("US", "Bronx", r"104\d\d"), ("PL", "Kraków", r"3[01]-\d{3}"),
        ("BE", "Gent", r"90\d0"), ("AT", "Graz", r"80[0-5]0"), ("CO", "Cali", r"7600\d\d"),
    ],
)  # fmt: skip
def test_postal_codes_are_the_citys(country: str, city: str, pattern: str) -> None:
    here = cities_with_codes().filter(country_code=country, city=city)
    largest = here.filter(pl.col("state") == here["state"].mode()[0])
    assert len(largest)
    assert largest["postal_code"].str.contains(f"^{pattern}$").all()


def test_large_cities_have_many_postal_codes() -> None:
    counted = cities_with_codes().group_by("country_code", "city").agg(pl.col("postal_code"))
    many = {(country, city): len(set(codes)) for country, city, codes in counted.iter_rows()}
    large = (("CN", "Shanghai"), ("GB", "London"), ("US", "Chicago"), ("ES", "Madrid"))
    assert min(many[city] for city in large) >= 25
