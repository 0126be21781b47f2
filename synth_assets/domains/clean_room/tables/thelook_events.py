"""Events: one row for each page that was seen, first those that led to orders.

A session is one walk through the shop. Each item of an order has its own, which ends with the
purchase at the moment that the item is stamped with: of a single item home, department, product,
cart, purchase; of several, department, product and cart of each, and the purchase. Visitors
without an account take one of four walks, which end without one.
"""

from __future__ import annotations

from functools import lru_cache

import dataframely as dy
import polars as pl

from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition, Unpartitioned
from synth_assets.core.schema import pii, references
from synth_assets.core.sources import Generated, evenly
from synth_assets.domains.clean_room.model import (
    DOMAIN,
    ITEMS,
    MEN,
    ROUND,
    WALKS,
    WOMEN,
    Merchant,
    open_merchant,
    pages,
    span,
)
from synth_assets.domains.clean_room.scenario import CleanRoomScenario
from synth_assets.domains.clean_room.source.calendar import stamp, timestamp
from synth_assets.domains.clean_room.tables.thelook_order_items import NAME as ITEMS_NAME
from synth_assets.domains.clean_room.tables.thelook_products import catalog
from synth_assets.domains.clean_room.tables.thelook_users import NAME as USERS
from synth_assets.quality.building import row_check
from synth_assets.quality.statistical import shares
from synth_assets.quality.structural import accepted_values, row_count, unique
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.streams import RandomStream

NAME = "thelook_events"
TRAFFIC = {"Email": 0.45, "Adwords": 0.30, "Organic": 0.05, "YouTube": 0.10, "Facebook": 0.10}
BROWSERS = {"Chrome": 0.5, "Safari": 0.2, "Firefox": 0.2, "IE": 0.05, "Other": 0.05}
TYPES = ("home", "department", "product", "cart", "purchase", "cancel")
# Seconds from page to page at most.
PACE = 180
# Pages of a session at most.
LONGEST = max(ITEMS) * len(ROUND) + 1
# Rows that a check sorts in memory at once.
ROWS_SORTED = 20_000_000
# What all pages of a session say alike.
OF_SESSION = (
    "user_id", "ip_address", "city", "state", "postal_code", "browser", "traffic_source",
)  # fmt: skip
# A session's pages share its source, so shares stray further than independent rows would.
SIGMAS = 5 * LONGEST**0.5


class Events(dy.Schema):
    """A page that was seen."""

    id = dy.Int64(primary_key=True, min=1, description="Id of the event.")
    user_id = dy.Int64(
        nullable=True, description="Who saw it, if known.", metadata=references("users")
    )
    sequence_number = dy.Int64(min=1, max=LONGEST, description="Place in the session.")
    session_id = dy.String(description="Session, a UUID.")
    created_at = timestamp("When it was seen.")
    ip_address = dy.String(description="IPv4 address.", metadata=pii("ip_address"))
    city = dy.String(description="City, or the text `null`.")
    state = dy.String(description="State or province.")
    postal_code = dy.String(description="Postal code.", metadata=pii("address"))
    browser = dy.String(description=f"One of {', '.join(BROWSERS)}.")
    traffic_source = dy.String(description=f"One of {', '.join(TRAFFIC)}.")
    uri = dy.String(description="Path of the page.")
    event_type = dy.String(description=f"One of {', '.join(TYPES)}.")


def generate(scenario: CleanRoomScenario, partition: Partition) -> pl.LazyFrame:
    """Events of a partition."""
    merchant = open_merchant(scenario)
    known = merchant.pages.total
    parts = []
    if partition.start < min(partition.stop, known):
        parts.append(_of_buyers(merchant, partition.start, min(partition.stop, known)))
    if partition.stop > known or not parts:
        first, stop = max(partition.start - known, 0), max(partition.stop - known, 0)
        parts.append(_of_ghosts(merchant, first, stop))
    return pl.concat(parts)


def _of_buyers(merchant: Merchant, start: int, stop: int) -> pl.LazyFrame:
    """Pages that led to orders, by the items' sessions."""
    seen = merchant.pages.rows(start, stop)
    orders = span(seen["owner"])
    starts = merchant.items.starts(*orders)
    sessions = _buyers(merchant, int(starts[0]), int(starts[-1]))
    order, items, first = pl.col("owner"), pl.col("items"), pl.col("first")
    length, nth, place = pl.col("length"), pl.col("nth"), pl.col("place")
    ends = place == length - 1
    # Each session walks past all items of the order, its own one last.
    turn = pl.min_horizontal(place // len(ROUND), items - 1)
    walked = (first + (nth + 1 + turn) % items).alias("walked")
    kind = pl.when(items == 1).then(place).when(ends).then(_kind("purchase"))
    pause = merchant.draw("events", "pause").integers(pl.col("row"), 0, PACE)
    before = (length - 1 - place) * PACE - pause
    first_item = int(starts[0])
    return _shown(
        merchant,
        sessions,
        seen.lazy()
        .with_columns(
            items=merchant.items_of(order), first=gather(pl.Series(starts), order - orders[0])
        )
        .with_columns(length=pages(items))
        .with_columns(nth=place // length, place=place % length)
        .with_columns(
            session=first + nth - first_item,
            kind=kind.otherwise(_kind(ROUND[0]) + place % len(ROUND)),
            product=gather(sessions["product"], walked - first_item),
        )
        .with_columns(
            seconds=gather(sessions["seconds"], pl.col("session"))
            - pl.when(ends).then(0).otherwise(before)
        ),
    )


def _of_ghosts(merchant: Merchant, start: int, stop: int) -> pl.LazyFrame:
    """Pages of visitors without an account, by their visits."""
    seen = merchant.ghost_pages.rows(start, stop)
    visits = span(seen["owner"])
    sessions = _ghosts(merchant, *visits)
    kinds = [_kind(page) for walk in WALKS for page in walk]
    before = [sum(len(walk) for walk in WALKS[:number]) for number in range(len(WALKS))]
    visit, place, session = pl.col("owner"), pl.col("place"), pl.col("session")
    pause = merchant.draw("events", "ghost_pause").integers(pl.col("row"), 0, PACE)
    return _shown(
        merchant,
        sessions,
        seen.lazy()
        .with_columns(
            row=pl.col("row") + merchant.pages.total,
            session=visit - visits[0],
            kind=gather(kinds, gather(before, merchant.walk(visit)) + place),
            pause=pause,
        )
        .with_columns(
            product=gather(sessions["product"], session),
            seconds=gather(sessions["seconds"], session) + place * PACE + pl.col("pause"),
        ),
    )


def _kind(page: str) -> int:
    return TYPES.index(page)


def _buyers(merchant: Merchant, start: int, stop: int) -> pl.DataFrame:
    """The sessions of a range of items; ``seconds`` is when they end."""
    item, user = pl.col("item"), pl.col("user")
    frame = merchant.ordered(merchant.items_in(start, stop).lazy()).with_columns(
        product=merchant.product(pl.col("gender"), item),
        seconds=merchant.stamped(pl.col("placed"), item),
        home=merchant.home(user),
        user_id=user + 1,
    )
    return _visiting(merchant, frame, merchant.draw("events", "session"), item)


def _ghosts(merchant: Merchant, start: int, stop: int) -> pl.DataFrame:
    """A range of visits without an account; ``seconds`` is when they begin."""
    visit, draw = pl.col("visit"), merchant.draw("ghosts")
    frame = pl.LazyFrame({"visit": pl.int_range(start, stop, dtype=pl.Int64, eager=True)})
    frame = frame.with_columns(
        product=draw.substream("product").integers(visit, 0, WOMEN + MEN),
        seconds=merchant.calendar.arrival(draw.substream("arrival"), visit),
        home=merchant.gazetteer.place(draw.substream("home"), visit),
        user_id=pl.lit(None, dtype=pl.Int64),
    )
    return _visiting(merchant, frame, draw.substream("session"), visit)


def _visiting(
    merchant: Merchant, frame: pl.LazyFrame, draw: RandomStream, number: pl.Expr
) -> pl.DataFrame:
    """What all pages of a session have in common."""
    show, home = merchant.gazetteer.show, pl.col("home")
    return frame.select(
        "product",
        "seconds",
        "user_id",
        session_id=_uuid(draw.substream("id"), number),
        ip_address=_ip_address(draw.substream("ip_address"), number),
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


def _ip_address(draw: RandomStream, number: pl.Expr) -> pl.Expr:
    """Four octets, the first from 1 to 223."""
    octets = pl.Series([f"{n}." for n in range(256)] + [str(n) for n in range(256)])
    bits = draw.bits(number)
    drawn = [(bits // 2**shift % 256).cast(pl.Int64) for shift in (16, 32, 48)]
    first = (bits % 2**16 % 223).cast(pl.Int64) + 1
    places = (first, drawn[0], drawn[1], drawn[2] + 256)
    return pl.concat_str(*(gather(octets, place) for place in places))


def _shown(merchant: Merchant, sessions: pl.DataFrame, seen: pl.LazyFrame) -> pl.LazyFrame:
    """The table's columns, from each page's ``session``, ``kind``, ``product``, ``seconds``."""
    kind, session, uris = pl.col("kind"), pl.col("session"), _uris(merchant.scenario)
    known = catalog(merchant.scenario).height
    shared = [c for c in sessions.columns if c not in ("product", "seconds")]
    of_product = pl.col("product") + len(TYPES)
    return seen.select(
        "row",
        id=pl.col("row") + 1,
        sequence_number=pl.col("place") + 1,
        created_at=stamp(pl.col("seconds")),
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
    """Paths: of each type, then of each product's department, then of each product."""
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


def whole_sessions() -> Check:
    """Sessions are walks: pages in order of time, numbered without a gap, one visitor each."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        page, time, who = pl.col("sequence_number"), pl.col("created_at"), pl.col("who")
        goes_on = pl.col("walk") == pl.col("walk").shift()
        deps = (page == page.shift() + 1) & (time >= time.shift()) & (who == who.shift())
        fine = pl.when(goes_on.fill_null(False)).then(deps).otherwise(page == 1)
        # Numbers sort many times faster than texts, and few columns faster than all.
        walk, seen_by = pl.col("session_id").hash(), pl.struct(OF_SESSION).hash()
        passes = sum(stats.rows for stats in stored.partition_stats.values()) // ROWS_SORTED + 1
        found = []
        for turn in range(passes):
            these = stored.all().filter(walk % passes == turn) if passes > 1 else stored.all()
            told = these.select(
                stored.table.partitioning.partition_column, "id", page, time, walk=walk, who=seen_by
            )
            found.append(told.sort("walk", page).filter(~fine).drop("walk", "who").collect())
        return pl.concat(found).lazy()

    doc = "The pages of a session are numbered 1, 2, 3 … in order of time and are one visitor's."
    return row_check("whole_sessions", doc, failing_rows)


def one_purchase_an_item() -> Check:
    """Every item of an order was bought in a session of its own, by the user, as it is stamped."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        keys = ["user_id", "created_at"]
        partition_column = stored.table.partitioning.partition_column
        bought = stored.all().filter(event_type="purchase").group_by(keys).agg(bought=pl.len())
        items = stored.other(ITEMS_NAME).all().group_by(keys).agg(items=pl.len())
        both = bought.join(items, on=keys, how="full", coalesce=True)
        wrong = both.filter(pl.col("bought").ne_missing(pl.col("items")))
        return wrong.with_columns(pl.lit(stored.keys[0]).alias(partition_column))

    doc = "Every item has one purchase: by its user, at the moment it is stamped with."
    return row_check("one_purchase_an_item", doc, failing_rows, reads=[ITEMS_NAME])


def table(partitioning: Unpartitioned) -> Table:
    """The table."""

    def total(scenario: CleanRoomScenario) -> int:
        merchant = open_merchant(scenario)
        return merchant.pages.total + merchant.ghost_pages.total

    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Every page that was seen, by users who bought and by visitors who did not.",
        schema=Events,
        partitioning=partitioning,
        source=Generated(evenly(partitioning, total), generate),
        parents={"users": USERS},
        deps=[ITEMS_NAME],
        checks=[
            row_count(),
            accepted_values("event_type", TYPES),
            unique(["session_id", "sequence_number"]),
            whole_sessions(),
            one_purchase_an_item(),
            shares("traffic_source", TRAFFIC, SIGMAS),
            shares("browser", BROWSERS, SIGMAS),
        ],
    )
