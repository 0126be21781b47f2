"""Closed formulas and their inverses: persons and members, visits, baskets, telephone lines."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_assets.domains.identity_resolution.baskets import Baskets
from synth_assets.domains.identity_resolution.contacts import mistyped
from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.domains.identity_resolution.record_frequency import Visits
from synth_assets.domains.identity_resolution.source_membership import SOURCES, Layout
from synth_assets.domains.identity_resolution.telephones import (
    KINDS,
    Telephones,
    formats,
    leads,
    normalised,
)
from synth_assets.randomness.streams import RandomStream

DRAW = RandomStream(5, "test", "layout")
SIZES, KNOWN = (1, 2, 3, 1, 4), (True, False, True, False, False)


def counting(n: int, name: str) -> pl.LazyFrame:
    return pl.LazyFrame({name: np.arange(n)})


@settings(max_examples=15, deadline=None)
@given(persons=st.integers(1_000, 30_000))
def test_members_are_persons_and_back(persons: int) -> None:
    layout = Layout(persons)
    for source in SOURCES:
        members = layout.members(source)
        found = layout.persons_of(source, counting(members, "m"), pl.col("m")).collect()
        assert found["person"].is_unique().all()
        assert found["person"].is_between(0, persons - 1).all()
        again = found.select(layout.member(source, pl.col("person"), pl.col("pattern")))
        assert again.to_series().to_list() == list(range(members))


@settings(max_examples=25, deadline=None)
@given(total=st.integers(0, 5_000), persons=st.integers(1_000, 9_000))
def test_every_visit_has_its_person_and_is_found_again(total: int, persons: int) -> None:
    layout = Layout(persons)
    visits = Visits(layout, "crm", total, (0.4, 0.1), DRAW)
    made = visits.made(counting(total, "v"), pl.col("v")).collect()
    again = made.select(visits.visit(pl.col("rank"), pl.col("nth"))).to_series()
    assert again.to_list() == list(range(total))
    counted = made.select(count=visits.count(pl.col("rank")), person="person")
    each = counted.group_by("person").agg(pl.len(), pl.col("count").first())
    assert (each["len"] == each["count"]).all()
    # Nobody comes a second time before everybody has come once.
    assert each.height == min(total, visits.members)
    ranks = made.select(visits.rank(pl.col("person"), pl.col("pattern"))).to_series()
    assert (ranks == made["rank"]).all()


@settings(max_examples=30, deadline=None)
@given(rows=st.integers(1, 400), known=st.booleans())
def test_baskets_fill_the_rows_without_a_gap(rows: int, known: bool) -> None:
    baskets = Baskets(rows, SIZES, DRAW, KNOWN if known else None)
    orders = baskets.placed(counting(baskets.orders, "order")).collect()
    lines = orders.select(pl.int_ranges("first_row", pl.col("first_row") + pl.col("lines")))
    assert lines.to_series().explode().to_list() == list(range(rows))
    owners = [baskets.order_of(row) for row in range(rows)]
    assert owners == np.repeat(np.arange(len(orders)), orders["lines"]).tolist()
    numbers = orders["known_order"].drop_nulls().to_list()
    assert numbers == list(range(baskets.known_orders))
    if not known:
        assert len(numbers) == len(orders)


def test_a_share_of_lines_is_of_customers() -> None:
    baskets = Baskets(110_000, SIZES, DRAW, KNOWN)
    orders = baskets.placed(counting(baskets.orders, "order")).collect()
    theirs = orders.filter(pl.col("known_order").is_not_null())["lines"].sum()
    assert theirs == 110_000 * 4 / 11


@pytest.mark.parametrize("locale", range(len(LOCALES)), ids=[lo.code for lo in LOCALES])
def test_a_number_is_the_same_in_every_format(locale: int) -> None:
    phones, lines = Telephones(DRAW), 40_000
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
    phones = Telephones(DRAW)
    frame = counting(20_000 * len(LOCALES), "n").with_columns(locale=pl.col("n") % len(LOCALES))
    made = phones.numbered(frame, pl.col("n") // len(LOCALES)).select(phones.written(pl.lit(0)))
    assert made.select(normalised(pl.all())).collect().to_series().is_unique().all()


def test_leads_differ_in_what_tells_a_line_apart() -> None:
    for country in {locale.country for locale in LOCALES}:
        found = leads(country)
        assert len({lead % 1_000 for lead in found}) == len(found) > 50


@given(st.text("abcdefgh", min_size=1, max_size=9), st.sets(st.text("abcdefgh", max_size=9)))
def test_a_typo_is_no_known_word(word: str, known: set[str]) -> None:
    wrong = mistyped(word, {word, *list(known)[:3]} - {word[:-1]})
    assert wrong != word
    assert abs(len(wrong) - len(word)) <= 1
