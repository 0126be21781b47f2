"""Sessions and their pages: the rows of the events table.

Each item of an order has a session of its own, which ends with the purchase at the item's
timestamp. With one item its pages are home, department, product, cart, purchase; with several
items they are department, product and cart of each item, and the purchase. Anonymous sessions
follow one of ``PAGE_PATHS`` and end without a purchase. Schema, checks and the table are in
``tables.thelook_events``.
"""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from synth_assets.domains.clean_room.model import Model
from synth_assets.domains.clean_room.scenario import CleanRoomScenario
from synth_assets.domains.clean_room.source.assortment import bought
from synth_assets.domains.clean_room.source.calendar import as_timestamp
from synth_assets.domains.clean_room.source.distributions import (
    ITEM_PAGES,
    ITEMS,
    MEN,
    PAGE_PATHS,
    WOMEN,
    pages_per_item,
)
from synth_assets.domains.clean_room.source.layout import row_range
from synth_assets.domains.clean_room.source.networks import any_address, local_address
from synth_assets.domains.clean_room.source.parcels import item_time, with_order_columns
from synth_assets.domains.clean_room.tables.thelook_products import catalog
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.streams import RandomStream

TRAFFIC = {"Email": 0.45, "Adwords": 0.30, "Organic": 0.05, "YouTube": 0.10, "Facebook": 0.10}
BROWSERS = {"Chrome": 0.5, "Safari": 0.2, "Firefox": 0.2, "IE": 0.05, "Other": 0.05}
TYPES = ("home", "department", "product", "cart", "purchase", "cancel")
# Most seconds between two pages.
PACE = 180
# Most pages of a session.
LONGEST = max(ITEMS) * len(ITEM_PAGES) + 1


def events(model: Model, start: int, stop: int) -> pl.LazyFrame:
    """The events of a range of rows: first the buyers' pages, then those of anonymous sessions.

    Args:
        model: The simulation's state.
        start: The first row.
        stop: The row after the last.

    Returns:
        The columns of the events table, and ``row``.
    """
    of_buyers = model.pages.total
    parts = []
    if start < min(stop, of_buyers):
        parts.append(_buyer_pages(model, start, min(stop, of_buyers)))
    if stop > of_buyers or not parts:
        first, end = max(start - of_buyers, 0), max(stop - of_buyers, 0)
        parts.append(_anonymous_pages(model, first, end))
    return pl.concat(parts)


def _buyer_pages(model: Model, start: int, stop: int) -> pl.LazyFrame:
    """Pages of buyers, by the sessions of their items."""
    page_rows = model.pages.rows(start, stop)
    orders = row_range(page_rows["owner"])
    starts = model.items.offsets(*orders)
    sessions = _buyer_sessions(model, int(starts[0]), int(starts[-1]))
    order, items, first = pl.col("owner"), pl.col("items"), pl.col("first")
    length, nth, place = pl.col("length"), pl.col("nth"), pl.col("place")
    ends = place == length - 1
    # Each session shows the pages of all items of the order, those of its own item last.
    item_index = pl.min_horizontal(place // len(ITEM_PAGES), items - 1)
    shown_item = (first + (nth + 1 + item_index) % items).alias("shown_item")
    kind = pl.when(items == 1).then(place).when(ends).then(_kind("purchase"))
    pause = model.stream("events", "pause").integers(pl.col("row"), 0, PACE)
    before = (length - 1 - place) * PACE - pause
    first_item = int(starts[0])
    return _event_columns(
        model,
        sessions,
        page_rows.lazy()
        .with_columns(
            items=model.items_of(order), first=gather(pl.Series(starts), order - orders[0])
        )
        .with_columns(length=pages_per_item(items))
        .with_columns(nth=place // length, place=place % length)
        .with_columns(
            session=first + nth - first_item,
            kind=kind.otherwise(_kind(ITEM_PAGES[0]) + place % len(ITEM_PAGES)),
            product=gather(sessions["product"], shown_item - first_item),
        )
        .with_columns(
            seconds=gather(sessions["seconds"], pl.col("session"))
            - pl.when(ends).then(0).otherwise(before)
        ),
    )


def _anonymous_pages(model: Model, start: int, stop: int) -> pl.LazyFrame:
    """Pages of anonymous sessions."""
    page_rows = model.anonymous_pages.rows(start, stop)
    visits = row_range(page_rows["owner"])
    sessions = _anonymous_sessions(model, *visits)
    kinds = [_kind(page) for path in PAGE_PATHS for page in path]
    before = [sum(len(path) for path in PAGE_PATHS[:number]) for number in range(len(PAGE_PATHS))]
    visit, place, session = pl.col("owner"), pl.col("place"), pl.col("session")
    pause = model.stream("events", "ghost_pause").integers(pl.col("row"), 0, PACE)
    return _event_columns(
        model,
        sessions,
        page_rows.lazy()
        .with_columns(
            row=pl.col("row") + model.pages.total,
            session=visit - visits[0],
            kind=gather(kinds, gather(before, model.page_path(visit)) + place),
            pause=pause,
        )
        .with_columns(
            product=gather(sessions["product"], session),
            seconds=gather(sessions["seconds"], session) + place * PACE + pl.col("pause"),
        ),
    )


def _kind(page: str) -> int:
    return TYPES.index(page)


def _buyer_sessions(model: Model, start: int, stop: int) -> pl.DataFrame:
    """The sessions of a range of items; ``seconds`` is their end."""
    item, user = pl.col("item"), pl.col("user")
    frame = with_order_columns(model, model.items_in(start, stop).lazy()).with_columns(
        product=bought(model, item),
        seconds=item_time(model, pl.col("placed"), item),
        user_id=user + 1,
    )
    return _session_columns(model, frame, model.stream("events", "session"), item, pl.col("user"))


def _anonymous_sessions(model: Model, start: int, stop: int) -> pl.DataFrame:
    """A range of anonymous sessions; ``seconds`` is their start."""
    visit, draw = pl.col("visit"), model.stream("ghosts")
    frame = pl.LazyFrame({"visit": pl.int_range(start, stop, dtype=pl.Int64, eager=True)})
    frame = frame.with_columns(
        product=draw.substream("product").integers(visit, 0, WOMEN + MEN),
        home=model.gazetteer.place(draw.substream("home"), visit),
        user_id=pl.lit(None, dtype=pl.Int64),
    ).with_columns(seconds=model.arrival(draw.substream("arrival"), visit, pl.col("home")))
    return _session_columns(model, frame, draw.substream("session"), visit, visit)


def _session_columns(
    model: Model, frame: pl.LazyFrame, draw: RandomStream, number: pl.Expr, visitor: pl.Expr
) -> pl.DataFrame:
    """The columns that all pages of a session share."""
    show, home, addresses = model.gazetteer.show, pl.col("home"), draw.substream("ip_address")
    address = any_address(addresses, number)
    if model.scenario.local_networks:
        address = local_address(addresses, show("network", home), visitor, number)
    return frame.select(
        "product",
        "seconds",
        "user_id",
        session_id=_uuid(draw.substream("id"), number),
        ip_address=address,
        browser=draw.substream("browser").choice_u16(number, BROWSERS),
        traffic_source=draw.substream("traffic_source").choice_u16(number, TRAFFIC),
        **{column: show(column, home) for column in ("city", "state", "postal_code")},
    ).collect()


def _uuid(draw: RandomStream, number: pl.Expr) -> pl.Expr:
    """A random UUID (version 4)."""
    digits = draw.hexadecimal(number, 32)
    variant = gather(["8", "9", "a", "b"], draw.substream("variant").integers(number, 0, 4))
    dash = pl.lit("-")
    return pl.concat_str(
        digits.str.slice(0, 8), dash, digits.str.slice(8, 4), pl.lit("-4"),
        digits.str.slice(12, 3), dash, variant, digits.str.slice(15, 3), dash,
        digits.str.slice(18, 12),
    )  # fmt: skip


def _event_columns(model: Model, sessions: pl.DataFrame, seen: pl.LazyFrame) -> pl.LazyFrame:
    """The table's columns, from ``session``, ``kind``, ``product`` and ``seconds`` of each page."""
    kind, session, uris = pl.col("kind"), pl.col("session"), _uris(model.scenario)
    known = catalog(model.scenario).height
    shared = [c for c in sessions.columns if c not in ("product", "seconds")]
    of_product = pl.col("product") + len(TYPES)
    return seen.select(
        "row",
        id=pl.col("row") + 1,
        sequence_number=pl.col("place") + 1,
        created_at=as_timestamp(pl.col("seconds")),
        event_type=gather(TYPES, kind),
        uri=gather(
            uris,
            pl.when(kind == _kind("department"))
            .then(of_product)
            .when(kind == _kind("product"))
            .then(of_product + known)
            .otherwise(kind),
        ),
        **{column: gather(sessions[column], session) for column in shared},
    )


@lru_cache(maxsize=4)
def _uris(scenario: CleanRoomScenario) -> pl.Series:
    """URI paths: one for each page type, then each product's department, then each product."""
    known = catalog(scenario)
    department = [
        part
        for column in ("department", "category", "brand")
        for part in (
            pl.lit(f"/{column}/"),
            pl.col(column).str.to_lowercase().str.replace_all(" ", ""),
        )
    ]
    paths = known.select(
        department=pl.concat_str(department),
        product=pl.concat_str(pl.lit("/product/"), pl.col("id").cast(pl.String)),
    )
    plain = pl.Series(["/" if page == "home" else f"/{page}" for page in TYPES])
    return pl.concat([plain, paths["department"], paths["product"]])
