"""Mobile app: one row per registration; people register again on new and on old devices."""

from __future__ import annotations

from datetime import datetime

import dataframely as dy
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Partition, Sharded
from synth_assets.core.schema import pii
from synth_assets.core.sources import Generated, evenly
from synth_assets.domains.identity_resolution.model import DOMAIN, SALES_END, open_model
from synth_assets.domains.identity_resolution.scenario import IdentityScenario
from synth_assets.domains.identity_resolution.source_membership import MOBILE
from synth_assets.quality.row_counts import row_count
from synth_assets.quality.structural import accepted_values, holds
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.values import moment, numbered, since_epoch

NAME = "mobile_app_users"
RELEASED = datetime(2019, 1, 1)
SYSTEMS = {"iOS": 45, "Android": 55}
VERSIONS = ["5.2.0", "5.2.1", "5.3.0", "6.0.0", "6.0.2", "6.1.0", "6.2.0", "6.2.3"]
# Device of each registration of a person: every second one is on a new device.
DEVICES = [0, 0, 1, 1, 2, 2, 3, 3]
# Share of registrations without a push token.
NO_PUSH = 0.30
# Median and spread of sessions (lognormal), and the most sessions.
SESSIONS, SPREAD, MOST_SESSIONS = 18.0, 1.3, 50_000


class MobileAppUsers(dy.Schema):
    """A registration of the app."""

    app_user_id = dy.String(primary_key=True, description="Id of the registration.")
    device_id = dy.String(description="Device, exact.", metadata=pii("device"))
    email = dy.String(nullable=True, description="E-mail address.", metadata=pii("email"))
    phone = dy.String(nullable=True, description="Mobile number.", metadata=pii("phone"))
    push_token = dy.String(nullable=True, description="Token for notifications, if allowed.")
    os_type = dy.String(description=f"One of {', '.join(SYSTEMS)}.")
    app_version = dy.String(description="Version of the app.")
    first_open_date = dy.Datetime(time_unit="us", description="First use (UTC).")
    last_active_date = dy.Datetime(time_unit="us", description="Last use (UTC).")
    total_sessions = dy.Int32(min=1, description="Sessions so far.")


def record_id(row: pl.Expr) -> pl.Expr:
    """Id of a registration.

    Args:
        row: Row number.
    """
    return numbered("APP-", row, 100_000_000)


def generate(scenario: IdentityScenario, partition: Partition) -> pl.LazyFrame:
    """The registrations of a partition.

    Args:
        scenario: Seed and volumes.
        partition: Row numbers to generate.
    """
    model = open_model(scenario)
    stream, row, opened = model.stream(MOBILE), pl.col("row"), pl.col("opened")
    # Persons whose records share no identifier have a new device for each registration.
    device = pl.when(pl.col("alias") > 0).then("nth").otherwise(gather(DEVICES, pl.col("nth") % 8))
    number = pl.col("person") * len(DEVICES) + pl.col("device")
    sessions = (SESSIONS * stream.substream("sessions").normal(row, 0, SPREAD).exp()).clip(
        1, MOST_SESSIONS
    )
    released, end = since_epoch(RELEASED), since_epoch(SALES_END)
    return (
        model.persons_of_records(MOBILE, partition)
        .with_columns(
            device=device, opened=stream.substream("opened").integers(row, released, end - 1)
        )
        .with_columns(
            app_user_id=record_id(row),
            device_id=stream.substream("device").hexadecimal(number, 16),
            email=model.email(),
            phone=model.phone(),
            push_token=pl.when(~stream.substream("push").bernoulli(row, NO_PUSH)).then(
                stream.substream("token").hexadecimal(row, 32)
            ),
            os_type=stream.substream("system").choice_u16(number, SYSTEMS),
            app_version=gather(
                VERSIONS, stream.substream("version").integers(row, 0, len(VERSIONS))
            ),
            first_open_date=moment(opened),
            last_active_date=moment(
                opened + stream.substream("active").integers(row, 0, end - opened)
            ),
            total_sessions=sessions.cast(pl.Int32),
        )
    )


def table(partitioning: Sharded) -> Table:
    """The table of registrations of the mobile app.

    Args:
        partitioning: Shards of rows.
    """
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Registrations of the mobile app; a device may register again.",
        schema=MobileAppUsers,
        partitioning=partitioning,
        source=Generated(evenly(partitioning, lambda scenario: scenario.records(MOBILE)), generate),
        checks=[
            row_count(),
            accepted_values("os_type", list(SYSTEMS)),
            holds(
                "active_after_opening",
                "Nobody was last active before the first use.",
                pl.col("last_active_date") >= pl.col("first_open_date"),
            ),
        ],
        cluster_by=["device_id", "email"],
    )
