"""What makes the identity data look like those of a retailer: names, homes, times, facts, texts."""

from __future__ import annotations

import re
from hashlib import md5

import numpy as np
import polars as pl
import pytest

from synth_assets.domains.identity_resolution.calendar import Calendar, events
from synth_assets.domains.identity_resolution.frequent_names import FREQUENT
from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.domains.identity_resolution.misspelling import sounds_alike, typos
from synth_assets.domains.identity_resolution.model import Model
from synth_assets.domains.identity_resolution.name_shares import last_names, names_of_markets
from synth_assets.domains.identity_resolution.scenario import IdentityScenario
from synth_assets.domains.identity_resolution.source_membership import SOURCES, SourceMembership
from synth_assets.domains.identity_resolution.streets import abbreviated
from synth_assets.randomness.streams import RandomStream
from synth_assets_tests.domains.identity_resolution.made import Frames, identity, rows

STREAM = RandomStream(3, "test", "realism")
NAMES = ["first_name", "last_name"]
HOME = ["address_line1", "city"]


# --- members and cards ----------------------------------------------------------------------


@pytest.mark.parametrize("start", [10_000, 142_344, 1_000_001, 49_999_000, 999_990_000])
def test_no_source_has_more_members_than_records_at_any_scale(start: int) -> None:
    for scale in range(start, min(start + 400, 1_000_000_001)):
        scenario = IdentityScenario(scale=scale)
        membership = SourceMembership(scenario.persons)
        assert sum(membership._size) == scenario.persons
        for source in ("crm", "loyalty", "mobile", "surveys", "reviews"):
            assert membership.members(source) <= scenario.records(source), (scale, source)


def test_a_card_is_of_one_person_at_an_odd_scale() -> None:
    odd = identity(scale=142_344)
    truth = rows(odd, odd.table("identity_truth")).select("record_id", "person_id")
    cards = [
        rows(odd, odd.table(table)).select("loyalty_id", record_id=key)
        for table, key in (
            ("crm_customers", "customer_id"),
            ("loyalty_members", "member_id"),
            ("pos_transactions", "pos_transaction_id"),
        )
    ]
    known = pl.concat(cards).drop_nulls().join(truth, on="record_id").drop_nulls()
    assert known.group_by("loyalty_id").agg(pl.col("person_id").n_unique())["person_id"].max() == 1


# --- names ----------------------------------------------------------------------------------


def test_names_have_their_frequencies(frames: Frames) -> None:
    truth = frames["crm_customers"]
    for country, name, share in (
        ("US", "Smith", 0.0083),
        ("KR", "김", 0.215),
        ("ES", "García", 0.03),
    ):
        of = truth.filter(country_code=country)
        assert (of["last_name"] == name).mean() == pytest.approx(share, rel=0.25), country
    us = truth.filter(country_code="US")["last_name"].value_counts(sort=True)["count"]
    assert us[0] / us.median() > 20  # type: ignore[operator]


def test_vocabularies_are_trimmed_and_large() -> None:
    firsts, lasts = names_of_markets()
    for names in [*firsts, *lasts]:
        for name in names:
            assert name.native == " ".join(name.native.split()), name
            assert re.fullmatch("[a-z]+", name.latin), name
    assert len(lasts[0]) > 4_000
    assert len(firsts[0]) > 600
    assert sum(name.share for name in last_names("en_US")) == pytest.approx(1, abs=0.01)


def test_people_have_frequent_last_names_at_the_published_shares() -> None:
    for locale, names in zip(LOCALES, names_of_markets()[1], strict=True):
        shares = {name.native: name.share for name in names}
        assert sum(shares.values()) == pytest.approx(1)
        for name, percent in FREQUENT.get(locale.code, {}).items():
            assert shares[name] == pytest.approx(percent / 100), name


def test_no_two_persons_of_a_market_have_the_same_letters() -> None:
    for first, last in zip(*names_of_markets(), strict=True):
        # The rarest last names are enough: all of them with all first names are millions.
        words = [a.latin + b.latin for a in first[::5] for b in last[::7]]
        assert len(words) == len(set(words))


def test_typing_errors_and_sounds_change_words() -> None:
    for word in ("Smith", "Catherine", "García", "Main Street", "Lee"):
        wrong = set(typos(word))
        assert word not in wrong
        assert len(wrong) > 1
        assert all(w[0] == word[0] and abs(len(w) - len(word)) <= 1 for w in wrong)
        assert sounds_alike(word) != word
    assert abbreviated("12th Street", "en") == "12th St"
    assert abbreviated("Lindenstraße", "de") == "Lindenstr."
    assert abbreviated("Broadway", "en") is None


# --- noise of names and addresses -----------------------------------------------------------


def pairs(frame: pl.DataFrame, by: list[str]) -> int:
    size = pl.col("len")
    return int(frame.group_by(by).len().select((size * (size - 1) // 2).sum()).item())


def test_exact_names_and_addresses_find_a_part_of_the_duplicates(frames: Frames) -> None:
    truth = frames["identity_truth"].select("record_id", "person_id")
    crm = frames["crm_customers"].join(truth, left_on="customer_id", right_on="record_id")
    real = pairs(crm, ["person_id"])
    assert 0.2 < pairs(crm, ["person_id", *NAMES, *HOME]) / real < 0.8
    for column, least, most in (("first_name", 0.75, 0.9), ("last_name", 0.8, 0.93)):
        assert least < pairs(crm, ["person_id", column]) / real < most


def test_edits_give_the_true_names_and_addresses_back(frames: Frames) -> None:
    edits = frames["identity_edits"]
    crm = frames["crm_customers"].join(
        frames["identity_truth"], left_on="customer_id", right_on="record_id"
    )
    for column in (*NAMES, *HOME):
        changed = edits.filter(source="crm_customers", column_name=column)
        joined = crm.join(changed, left_on="customer_id", right_on="record_id", how="left")
        shown = joined.filter(pl.col("observed_value").is_not_null())
        assert (shown["observed_value"] == shown[column]).all()
        true = joined.with_columns(true=pl.coalesce("true_value", column))
        assert true.group_by("person_id").agg(pl.col("true").n_unique())["true"].max() == 1, column
    household = crm.filter(pl.col("household_id").is_duplicated())
    lasts = household.join(
        edits.filter(column_name="last_name"),
        left_on="customer_id", right_on="record_id", how="left",
    ).with_columns(true=pl.coalesce("true_value", "last_name"))  # fmt: skip
    assert lasts.group_by("household_id").agg(pl.col("true").n_unique())["true"].max() == 1


def test_every_kind_of_noise_occurs(frames: Frames) -> None:
    kinds = set(frames["identity_edits"]["noise_kind"])
    assert kinds >= {
        "nickname", "initial", "name_typo", "sounds_alike", "transliterated", "swapped_names",
        "former_name", "no_flat", "abbreviated", "street_typo", "moved",
    }  # fmt: skip


def test_a_scenario_without_noise_has_none() -> None:
    rates = [name for name in IdentityScenario.model_fields if name.endswith("_rate")]
    noise = [name for name in rates if "code" not in name and name not in ("reduced_rate",)]
    calm = identity(scale="20K", renames_per_year=0, moves_per_year=0, **dict.fromkeys(noise, 0))
    edits = rows(calm, calm.table("identity_edits"))
    assert not edits.filter(pl.col("column_name").is_in([*NAMES, *HOME])).height


# --- addresses ------------------------------------------------------------------------------


def test_hashes_are_those_of_addresses_in_crm(frames: Frames) -> None:
    edits, truth = frames["identity_edits"], frames["identity_truth"]
    crm = frames["crm_customers"].join(
        edits.filter(column_name="address_line1").select(
            "record_id", "noise_kind", line="true_value"
        ),
        left_on="customer_id", right_on="record_id", how="left",
    )  # fmt: skip
    clean = crm.filter(pl.col("noise_kind").is_null() | (pl.col("noise_kind") == "moved"))
    shown = clean.select("customer_id", text=pl.concat_str(
        pl.col("address_line1"), "city", "country_code", separator="|"
    )).with_columns(hash=pl.col("text").map_elements(
        lambda text: md5(text.encode()).hexdigest(), return_dtype=pl.String
    ))  # fmt: skip
    persons = truth.select("record_id", "person_id")
    shown = shown.join(persons, left_on="customer_id", right_on="record_id")
    orders = frames["ecom_transactions"].join(
        persons, left_on="transaction_id", right_on="record_id"
    )
    known = orders.filter(pl.col("person_id").is_in(shown["person_id"].implode()))
    found = known.join(
        shown.select("person_id", shipping_address_hash="hash").unique(),
        on=["person_id", "shipping_address_hash"], how="semi",
    )  # fmt: skip
    assert len(found) / len(known) > 0.75
    homes = shown.join(truth, left_on="customer_id", right_on="record_id")
    assert homes.group_by("hash").agg(pl.col("household_id").n_unique())["household_id"].max() == 1


def test_cities_are_real_and_unequal(frames: Frames) -> None:
    us = frames["crm_customers"].filter(country_code="US")["city"].value_counts(sort=True)
    assert us["city"][0] == "New York"
    assert us["count"][0] / us["count"].median() > 10  # type: ignore[operator]


# --- time -----------------------------------------------------------------------------------


def test_nights_are_quiet_and_black_friday_is_busy(frames: Frames) -> None:
    orders = frames["ecom_transactions"].filter(
        pl.col("transaction_id").str.ends_with("-1"), pl.col("currency") == "GBP"
    )
    hours = dict(orders["order_date"].dt.hour().value_counts().iter_rows())
    assert hours.get(3, 0) < 0.15 * hours[20]
    everywhere = frames["ecom_transactions"]["order_date"].dt.date().value_counts(sort=True)
    top = [f"{day:%m-%d}" for day in everywhere["order_date"][:4]]
    assert all(day.startswith(("11-2", "12-0")) for day in top), top
    stores = frames["pos_transactions"].filter(pl.col("store_id").str.starts_with("STORE-DE"))
    assert not (stores["transaction_date"].dt.weekday() == 7).any()


def test_holidays_are_those_of_the_country() -> None:
    scenario = IdentityScenario()
    thanks, bastille = events(scenario, "US", stores=True), events(scenario, "FR", stores=True)
    days = {f"{day:%m-%d}" for day in bastille}
    assert "07-14" in days
    assert "07-04" in {f"{day:%m-%d}" for day in thanks}
    singles = events(scenario, "CN", stores=False)
    assert max(singles.values()) == scenario.singles_day_factor


def test_the_nth_of_a_persons_orders_is_the_nth_in_time() -> None:
    calendar = Calendar(IdentityScenario())
    frame = pl.LazyFrame({"n": np.arange(3_000), "locale": np.arange(3_000) % len(LOCALES)})
    days = [calendar.day(STREAM, pl.col("n") * 4 + nth, nth, 4).alias(str(nth)) for nth in range(4)]
    made = frame.select(days).collect()
    for nth in range(3):
        assert (made[str(nth)] <= made[str(nth + 1)]).all()


def test_growth_and_inflation_are_the_scenarios() -> None:
    flat = identity(scale="100K", annual_growth=0.0)
    steep = identity(scale="100K", annual_growth=0.5)
    years = [
        dict(
            rows(d, d.table("ecom_transactions"))["order_date"].dt.year().value_counts().iter_rows()
        )
        for d in (flat, steep)
    ]
    ratio = [counts[2025] / counts[2023] for counts in years]
    assert ratio[0] == pytest.approx(1.0, abs=0.05)
    assert ratio[1] == pytest.approx(2.25, abs=0.2)


# --- facts that agree -----------------------------------------------------------------------


def test_points_follow_visits(frames: Frames) -> None:
    visits = (
        frames["pos_transactions"].drop_nulls("loyalty_id")
        .with_columns(receipt=pl.col("pos_transaction_id").str.head(-2))
        .group_by("loyalty_id").agg(pl.col("receipt").n_unique().alias("visits"))
    )  # fmt: skip
    members = frames["loyalty_members"].join(visits, on="loyalty_id")
    assert members.select(pl.corr("points_balance", "visits")).item() > 0.4
    tiers = frames["loyalty_members"]["tier"].value_counts(sort=True)["tier"].to_list()
    assert tiers[0] == "Bronze"
    assert tiers[-1] in ("Platinum", "Gold")


def test_most_people_go_to_one_store(frames: Frames) -> None:
    known = frames["pos_transactions"].drop_nulls("loyalty_id").with_columns(
        receipt=pl.col("pos_transaction_id").str.head(-2)
    )  # fmt: skip
    each = known.group_by("loyalty_id").agg(pl.col("receipt", "store_id").n_unique())
    many = each.filter(pl.col("receipt") == 3)
    assert 1.3 < many["store_id"].mean() < 2.0  # type: ignore[operator]
    assert frames["pos_transactions"]["store_id"].n_unique() > 800


def test_addresses_of_mail_have_providers_of_the_country(frames: Frames) -> None:
    crm = frames["crm_customers"].with_columns(domain=pl.col("email").str.extract("@(.*)$"))
    domains = {
        country: dict(of["domain"].value_counts(normalize=True).iter_rows())
        for (country,), of in crm.drop_nulls("domain").group_by("country_code")
    }
    assert domains["CN"]["qq.com"] > 0.4 > domains["CN"].get("gmail.com", 0) * 8
    assert domains["KR"]["naver.com"] > 0.45
    assert domains["DE"]["gmx.de"] > domains["DE"]["yahoo.de"]
    local = crm["email"].drop_nulls().str.extract("^([^@]*)@")
    assert (~local.str.contains(r"\d")).mean() > 0.25


# --- texts ----------------------------------------------------------------------------------


def test_texts_are_in_the_language_of_the_market_and_differ(frames: Frames) -> None:
    reviews = frames["product_reviews"].join(
        frames["identity_truth"].select("record_id", "person_id"),
        left_on="review_id", right_on="record_id",
    )  # fmt: skip
    assert reviews["review_text"].n_unique() / len(reviews) > 0.9
    japanese = reviews["reviewer_display_name"].str.contains(r"\p{Han}|\p{Hiragana}|\p{Hangul}")
    other = reviews.filter(japanese)["review_text"].str.contains(
        r"\p{Han}|\p{Hiragana}|\p{Katakana}|\p{Hangul}"
    )
    assert other.all()
    joined = reviews.join(frames["products"], on="product_id")
    sized = joined.filter(pl.col("review_text").str.contains("stitching|the fabric"))
    assert len(sized) > 50
    assert set(sized["category"]) == {"Apparel"}
    low = joined.filter(pl.col("review_text").str.contains("Would buy again|Love it!"))
    assert low["rating"].min() >= 4  # type: ignore[operator]


def test_the_group_limit_follows_the_scale() -> None:
    for scale in (10_000, 100_000, 1_000_000, 50_000_000):
        scenario = IdentityScenario(scale=scale)
        first, stop = Model(scenario).giant if scale <= 100_000 else (0, 6_000)
        assert stop - first > scenario.max_group_size
    assert IdentityScenario(scale=50_000_000).max_group_size == 5_000
    assert set(SOURCES) == {"crm", "ecom", "loyalty", "mobile", "pos", "surveys", "reviews"}
