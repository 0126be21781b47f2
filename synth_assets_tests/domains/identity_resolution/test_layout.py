"""Closed formulas and their inverses: persons, members, records, order rows, telephone lines."""

from __future__ import annotations

from datetime import timedelta
from string import ascii_lowercase

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_assets.domains.identity_resolution.app_versions import (
    FIRST_USES,
    RELEASED,
    VERSIONS,
    released_after,
)
from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.domains.identity_resolution.misspelling import mistyped
from synth_assets.domains.identity_resolution.model import open_model
from synth_assets.domains.identity_resolution.order_layout import OrderLayout
from synth_assets.domains.identity_resolution.record_frequency import RecordFrequency
from synth_assets.domains.identity_resolution.scenario import IdentityScenario
from synth_assets.domains.identity_resolution.source_membership import SOURCES, SourceMembership
from synth_assets.domains.identity_resolution.telephones import (
    KINDS,
    Telephones,
    formats,
    leads,
    normalised,
)
from synth_assets.randomness.streams import LANE_VALUES, RandomStream
from synth_assets.randomness.values import HOUR, since_epoch

STREAM = RandomStream(5, "test", "layout")
# Seconds by which the clocks of the first time zone are ahead of UTC.
FIRST_CLOCK = 14 * HOUR
SIZES, KNOWN = (1, 2, 3, 1, 4), (True, False, True, False, False)


def counting(n: int, name: str) -> pl.LazyFrame:
    return pl.LazyFrame({name: np.arange(n)})


@settings(max_examples=15, deadline=None)
@given(persons=st.integers(1_000, 30_000))
def test_members_map_to_persons_and_back(persons: int) -> None:
    membership = SourceMembership(persons)
    for source in SOURCES:
        members = membership.members(source)
        found = membership.persons_of(source, counting(members, "m"), pl.col("m")).collect()
        assert found["person"].is_unique().all()
        assert found["person"].is_between(0, persons - 1).all()
        again = found.select(membership.member(source, pl.col("person"), pl.col("membership")))
        assert again.to_series().to_list() == list(range(members))


@settings(max_examples=25, deadline=None)
@given(total=st.integers(0, 5_000), persons=st.integers(1_000, 9_000))
def test_every_record_has_a_person_and_is_found_from_it(total: int, persons: int) -> None:
    membership = SourceMembership(persons)
    records = RecordFrequency(membership, "crm", total, (0.4, 0.1), STREAM)
    made = records.owners(counting(total, "v"), pl.col("v")).collect()
    again = made.select(records.record(pl.col("rank"), pl.col("nth"))).to_series()
    assert again.to_list() == list(range(total))
    counted = made.select(count=records.count(pl.col("rank")), person="person")
    each = counted.group_by("person").agg(pl.len(), pl.col("count").first())
    assert (each["len"] == each["count"]).all()
    # Second records exist only if every member has a first one.
    assert each.height == min(total, records.members)
    ranks = made.select(records.rank(pl.col("person"), pl.col("membership"))).to_series()
    assert (ranks == made["rank"]).all()


@settings(max_examples=30, deadline=None)
@given(rows=st.integers(1, 400), known=st.booleans())
def test_orders_fill_the_rows_without_a_gap(rows: int, known: bool) -> None:
    layout = OrderLayout(rows, SIZES, STREAM, KNOWN if known else None)
    orders = layout.placed(counting(layout.orders, "order")).collect()
    lines = orders.select(pl.int_ranges("first_row", pl.col("first_row") + pl.col("lines")))
    assert lines.to_series().explode().to_list() == list(range(rows))
    owners = [layout.order_of(row) for row in range(rows)]
    assert owners == np.repeat(np.arange(len(orders)), orders["lines"]).tolist()
    numbers = orders["known_order"].drop_nulls().to_list()
    assert numbers == list(range(layout.known_orders))
    if not known:
        assert len(numbers) == len(orders)


def test_a_share_of_lines_is_of_customers() -> None:
    layout = OrderLayout(110_000, SIZES, STREAM, KNOWN)
    orders = layout.placed(counting(layout.orders, "order")).collect()
    theirs = orders.filter(pl.col("known_order").is_not_null())["lines"].sum()
    assert theirs == 110_000 * 4 / 11


@pytest.mark.parametrize("locale", range(len(LOCALES)), ids=[lo.code for lo in LOCALES])
def test_a_number_is_the_same_in_every_format(locale: int) -> None:
    phones, lines = Telephones(STREAM), 40_000
    frame = counting(lines, "line").with_columns(locale=pl.lit(locale, dtype=pl.Int64))
    frame = phones.numbered(frame, pl.col("line"))
    forms = [phones.written(pl.lit(kind)).alias(name) for kind, name in enumerate(KINDS)]
    made = frame.select(forms).collect()
    keys = made.select(normalised(pl.all()))
    assert keys["e164"].is_unique().all()
    for kind, form in zip(KINDS, formats(LOCALES[locale].country), strict=True):
        assert (keys[kind] == keys["e164"]).all()
        assert (made[kind].str.len_chars() == len(form)).all()


def test_numbers_of_all_locales_differ() -> None:
    phones = Telephones(STREAM)
    frame = counting(20_000 * len(LOCALES), "n").with_columns(locale=pl.col("n") % len(LOCALES))
    made = phones.numbered(frame, pl.col("n") // len(LOCALES)).select(phones.written(pl.lit(0)))
    assert made.select(normalised(pl.all())).collect().to_series().is_unique().all()


def test_leads_differ_in_their_last_three_digits() -> None:
    for country in {locale.country for locale in LOCALES}:
        found = leads(country)
        assert len({lead % 1_000 for lead in found}) == len(found) > 50


@given(st.text("abcdefgh", min_size=1, max_size=9), st.sets(st.text("abcdefgh", max_size=9)))
def test_a_typo_is_no_known_word(word: str, known: set[str]) -> None:
    wrong = mistyped(word, {word, *list(known)[:3]} - {word[:-1]})
    assert wrong != word
    assert abs(len(wrong) - len(word)) <= 1


@pytest.mark.parametrize(
    ("known", "wrong"),
    [({"a"}, "aa"), ({"a", "aa"}, "s"), ({"aa", *ascii_lowercase}, "aaa")],
)
def test_every_word_can_be_mistyped(known: set[str], wrong: str) -> None:
    assert mistyped("a", known) == wrong


def test_a_version_is_released_once_everywhere() -> None:
    used = pl.DataFrame({"at": [RELEASED - timedelta(seconds=1), RELEASED]})
    early = used.select(released_after(pl.lit(VERSIONS[0]), pl.col("at"))).to_series()
    assert early.to_list() == [True, False]


def test_the_app_is_released_before_its_first_use_in_every_time_zone() -> None:
    calendar = open_model(IdentityScenario()).calendar
    frame = counting(LANE_VALUES, "n").with_columns(clock=pl.lit(FIRST_CLOCK))
    day = calendar.registered(STREAM, pl.col("n"), FIRST_USES)
    opened = frame.select(calendar.moment(STREAM, pl.col("n"), day)).collect().to_series()
    assert opened.min() >= since_epoch(RELEASED)  # type: ignore[operator]
