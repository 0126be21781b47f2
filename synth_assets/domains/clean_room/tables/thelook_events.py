"""Events: one row for each page that was viewed, first those of sessions with a purchase.

How sessions and their pages are generated is in ``source.sessions``.
"""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.partitioning import Partition, Unpartitioned
from synth_assets.core.schema import pii, references
from synth_assets.core.sources import Generated, evenly
from synth_assets.domains.clean_room.model import open_model
from synth_assets.domains.clean_room.scenario import DOMAIN, CleanRoomScenario, scenario_of
from synth_assets.domains.clean_room.source import sessions
from synth_assets.domains.clean_room.source.calendar import timestamp
from synth_assets.domains.clean_room.source.networks import country_of
from synth_assets.domains.clean_room.source.sessions import BROWSERS, LONGEST, TRAFFIC, TYPES
from synth_assets.domains.clean_room.tables.thelook_order_items import NAME as ITEMS_NAME
from synth_assets.domains.clean_room.tables.thelook_users import NAME as USERS
from synth_assets.quality.building import row_check
from synth_assets.quality.keys import unique
from synth_assets.quality.proportions import shares
from synth_assets.quality.row_counts import row_count
from synth_assets.quality.structural import accepted_values

NAME = "thelook_events"
# Rows that the check of sessions sorts in memory at once.
ROWS_SORTED = 20_000_000
# Columns that are the same for all pages of a session.
OF_SESSION = (
    "user_id", "ip_address", "city", "state", "postal_code", "browser", "traffic_source",
)  # fmt: skip
# Pages of a session share these values, so the variance of their shares is up to so many times that
# of independent rows.
DESIGN_EFFECT = LONGEST


class Events(dy.Schema):
    """A page view."""

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
    """Events of a partition.

    Args:
        scenario: Seed, volumes and data defects.
        partition: The range of rows.
    """
    return sessions.events(open_model(scenario), partition.start, partition.stop)


def whole_sessions() -> Check:
    """Pages of a session are in order of time, numbered without a gap, and of one visitor."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        page, time, who = pl.col("sequence_number"), pl.col("created_at"), pl.col("who")
        same_session = pl.col("session") == pl.col("session").shift()
        continues = (page == page.shift() + 1) & (time >= time.shift()) & (who == who.shift())
        fine = pl.when(same_session.fill_null(False)).then(continues).otherwise(page == 1)
        # Sorting numbers is many times faster than sorting texts, and few columns than all.
        session, visitor = pl.col("session_id").hash(), pl.struct(OF_SESSION).hash()
        passes = sum(stats.rows for stats in stored.partition_stats.values()) // ROWS_SORTED + 1
        found = []
        for number in range(passes):
            these = stored.all().filter(session % passes == number) if passes > 1 else stored.all()
            hashed = these.select(
                stored.table.partitioning.partition_column,
                "id",
                page,
                time,
                session=session,
                who=visitor,
            )
            found.append(
                hashed.sort("session", page).filter(~fine).drop("session", "who").collect()
            )
        return pl.concat(found).lazy()

    doc = "The pages of a session are numbered 1, 2, 3 … in order of time and are one visitor's."
    return row_check("session_pages_in_order", doc, failing_rows)


def addresses_of_country() -> Check:
    """The address of a session is of a network of the visitor's country."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        scenario = scenario_of(stored)
        if not scenario.local_networks:
            return stored.current().clear()
        place = ["city", "state", "postal_code"]
        places = open_model(scenario).gazetteer.places.lazy().select(*place, "network").unique()
        first = stored.current().filter(sequence_number=1)
        found = first.with_columns(network=country_of(pl.col("ip_address")))
        return found.join(places, on=[*place, "network"], how="anti").drop("network")

    doc = "IP addresses are of networks of the visitor's country, where `local_networks` says so."
    return row_check("ip_address_in_country", doc, failing_rows)


def one_purchase_an_item() -> Check:
    """Every item has one purchase event, by its user at its timestamp."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        keys = ["user_id", "created_at"]
        partition_column = stored.table.partitioning.partition_column
        bought = stored.all().filter(event_type="purchase").group_by(keys).agg(bought=pl.len())
        items = stored.other(ITEMS_NAME).all().group_by(keys).agg(items=pl.len())
        both = bought.join(items, on=keys, how="full", coalesce=True)
        wrong = both.filter(pl.col("bought").ne_missing(pl.col("items")))
        return wrong.with_columns(pl.lit(stored.keys[0]).alias(partition_column))

    doc = "Every item has one purchase event: by its user, at its timestamp."
    return row_check("one_purchase_event_per_item", doc, failing_rows, reads=[ITEMS_NAME])


def table(scenario: CleanRoomScenario) -> Table:
    """The table of events.

    Args:
        scenario: The scenario.
    """
    partitioning = Unpartitioned()

    def total(scenario: CleanRoomScenario) -> int:
        model = open_model(scenario)
        return model.pages.total + model.anonymous_pages.total

    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Every page that was seen, by users who bought and by visitors who did not.",
        code_version="3",
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
            addresses_of_country(),
            shares("traffic_source", TRAFFIC, DESIGN_EFFECT),
            shares("browser", BROWSERS, DESIGN_EFFECT),
        ],
    )
