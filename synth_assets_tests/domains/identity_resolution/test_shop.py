"""What the shop sells, and what its customers write, look like those of a retailer."""

from __future__ import annotations

import polars as pl

from synth_assets.domains.identity_resolution.phrases import BY_LANGUAGE
from synth_assets_tests.domains.identity_resolution.made import Frames


def test_texts_speak_of_no_longer_use_than_there_was(frames: Frames) -> None:
    orders = frames["ecom_transactions"].select(
        "order_date", order_id=pl.col("transaction_id").str.head(-2)
    ).unique("order_id")  # fmt: skip
    surveys = frames["survey_responses"].join(orders, on="order_id").drop_nulls("feedback_text")
    days = (pl.col("submitted_at") - pl.col("order_date")).dt.total_hours() / 24
    for place, least in enumerate((13, 29)):
        said = [phrases.durations[place] for phrases in BY_LANGUAGE.values()]
        spoken = surveys.filter(pl.col("feedback_text").str.contains_any(said))
        assert not spoken.filter(days < least).height


def test_scores_have_no_gaps(frames: Frames) -> None:
    counts = dict(frames["survey_responses"]["nps_score"].value_counts().iter_rows())
    assert max(counts, key=lambda score: counts[score]) == 10
    assert counts[7] > 0.6 * counts[8]
    assert counts[5] > counts[4]


# --- the shop -------------------------------------------------------------------------------


def test_ids_of_products_follow_their_launch_and_not_their_sales(frames: Frames) -> None:
    products = frames["products"].sort("product_id")
    assert products["launch_date"].is_sorted()
    sold = frames["ecom_transactions"]["product_id"].value_counts()
    ranked = sold.with_columns(number=pl.col("product_id").str.tail(6).cast(pl.Int64))
    assert abs(ranked.select(pl.corr("number", "count")).item()) < 0.15


def test_larger_orders_are_rarer(frames: Frames) -> None:
    for table, key in (
        ("ecom_transactions", "transaction_id"),
        ("pos_transactions", "pos_transaction_id"),
    ):
        lines = frames[table].group_by(pl.col(key).str.head(-2)).len()["len"]
        counts = [(lines == size).sum() for size in range(1, 7)]
        assert counts == sorted(counts, reverse=True), table
        assert counts[-1]


def test_numbers_and_places_are_those_of_people(frames: Frames) -> None:
    crm = frames["crm_customers"]
    for country, begins in (("KR", r"^\+8210"), ("JP", r"^\+81[789]0"), ("IN", r"^\+91[6-9]")):
        clean = crm.filter(pl.col("phone").str.contains(r"^\+\d+$"), country_code=country)
        assert clean["phone"].str.contains(begins).all(), country
    indian = crm.filter(pl.col("phone").str.starts_with("+919"), country_code="IN")
    assert indian.height
    for country, city in (("CN", "上海市"), ("JP", "横浜市"), ("KR", "서울특별시")):
        cities = crm.filter(country_code=country)["city"].value_counts(sort=True)
        assert city in cities["city"].head(3)
    assert not crm["last_name"].str.contains(r",|^auch | von und zu ").any()
