"""Mobile app: one row per registration; people register again on new and on old devices."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from synth_assets.core.model import Check, Table
from synth_assets.core.partitioning import Partition
from synth_assets.core.schema import pii
from synth_assets.core.sources import Generated, evenly
from synth_assets.domains.identity_resolution.app_versions import (
    FIRST_USES,
    released_after,
    version,
)
from synth_assets.domains.identity_resolution.calendar import SALES_END
from synth_assets.domains.identity_resolution.devices import (
    ANDROID_ID,
    APPLE_TOKEN,
    FIREBASE_TOKEN,
    UUID,
    firebase_token,
    uuid,
)
from synth_assets.domains.identity_resolution.locales import LOCALES
from synth_assets.domains.identity_resolution.model import open_model
from synth_assets.domains.identity_resolution.scenario import DOMAIN, IdentityScenario
from synth_assets.domains.identity_resolution.source_membership import MOBILE
from synth_assets.quality.row_counts import row_count
from synth_assets.quality.structural import accepted_values, holds
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.values import DAY, moment, numbered, since_epoch

NAME = "mobile_app_users"
IOS, ANDROID = SYSTEMS = ("iOS", "Android")
# Rows generated together: tokens for notifications make them wide.
ROWS_AT_ONCE = 122_880
# Device of each registration of a person: every second one is on a new device.
DEVICES = [0, 0, 1, 1, 2, 2, 3, 3]
# Share of registrations without a push token.
NO_PUSH = 0.30
# Share of registrations that are used on one day only, and the longest of these, in seconds.
ONE_DAY, ONE_DAY_SECONDS = 0.23, 1_800
# Median and spread of sessions a week (lognormal), and the most a day.
SESSIONS_A_WEEK, SPREAD, MOST_A_DAY = 1.1, 1.0, 12


class MobileAppUsers(dy.Schema):
    """A registration of the app."""

    app_user_id = dy.String(primary_key=True, description="Id of the registration.")
    device_id = dy.String(
        description="Device: a UUID (iOS), or 16 hexadecimal digits.", metadata=pii("device")
    )
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
    end = since_epoch(SALES_END)
    brief = stream.substream("brief").bernoulli(row, ONE_DAY)
    part = stream.substream("active").uniform(row)
    seconds = pl.when(brief).then(part * ONE_DAY_SECONDS).otherwise(part * (end - opened))
    weekly = SESSIONS_A_WEEK * stream.substream("sessions").normal(row, 0, SPREAD).exp()
    days = (pl.col("active") - opened).cast(pl.Float64) / DAY
    rate = pl.min_horizontal(weekly / 7, pl.lit(float(MOST_A_DAY)))
    iphones = [locale.ios / 100 for locale in LOCALES]
    ios = stream.substream("system").uniform(number) < gather(iphones, pl.col("locale"))
    day = model.calendar.registered(stream.substream("day"), row, FIRST_USES)
    clock = gather([round((lo.clock or 0) * 3_600) for lo in LOCALES], pl.col("locale"))
    moved = model.calendar.moment(stream.substream("time"), row, day)
    apple, android = stream.substream("uuid"), stream.substream("device")
    push = ~stream.substream("push").bernoulli(row, NO_PUSH)
    is_ios = pl.col("ios")
    return (
        model.persons_of_records(MOBILE, partition)
        .with_columns(device=device, clock=clock)
        .with_columns(opened=moved.clip(0, end - 1), ios=ios)
        .with_columns(
            active=pl.min_horizontal(opened + seconds.cast(pl.Int64), pl.lit(end - 1)),
        )
        .with_columns(
            app_user_id=record_id(row),
            device_id=pl.when(is_ios)
            .then(uuid(apple, number))
            .otherwise(android.hexadecimal(number, 16)),
            email=model.email(),
            phone=model.phone(),
            push_token=pl.when(push & is_ios)
            .then(stream.substream("token").hexadecimal(row, 64))
            .when(push)
            .then(firebase_token(stream.substream("token"), row)),
            os_type=pl.when(is_ios).then(pl.lit(IOS)).otherwise(pl.lit(ANDROID)),
            app_version=version(stream.substream("version"), row, opened, pl.col("active")),
            first_open_date=moment(opened),
            last_active_date=moment(pl.col("active")),
            total_sessions=(1 + days * rate).cast(pl.Int32),
        )
    )


def ids_of_systems() -> Check:
    """A check that ids and tokens look as the device's system makes them."""
    ios, device, token = pl.col("os_type") == IOS, pl.col("device_id"), pl.col("push_token")
    apple = device.str.contains(UUID) & token.str.contains(APPLE_TOKEN).fill_null(value=True)
    android = device.str.contains(ANDROID_ID) & token.str.contains(FIREBASE_TOKEN).fill_null(
        value=True
    )
    doc = "Ids of devices and tokens have the format of the device's system."
    return holds("device_ids_match_os_type", doc, pl.when(ios).then(apple).otherwise(android))


def table(scenario: IdentityScenario) -> Table:
    """The table of registrations of the mobile app.

    Args:
        scenario: The scenario.
    """
    partitioning = scenario.partitioning
    return Table(
        domain=DOMAIN,
        name=NAME,
        doc="Registrations of the mobile app; a device may register again.",
        schema=MobileAppUsers,
        partitioning=partitioning,
        source=Generated(
            evenly(partitioning, lambda scenario: scenario.records(MOBILE)), generate, ROWS_AT_ONCE
        ),
        code_version="4",
        checks=[
            row_count(),
            accepted_values("os_type", list(SYSTEMS)),
            ids_of_systems(),
            holds(
                "app_version_released_before_use",
                "The app's version was released before the last use.",
                ~released_after(pl.col("app_version"), pl.col("last_active_date")),
            ),
            holds(
                "sessions_per_day_limited",
                f"Nobody has more than {MOST_A_DAY} sessions a day.",
                pl.col("total_sessions")
                <= 1
                + MOST_A_DAY
                * (pl.col("last_active_date") - pl.col("first_open_date")).dt.total_seconds()
                / DAY,
            ),
            holds(
                "last_active_after_first_use",
                "Nobody was last active before the first use.",
                pl.col("last_active_date") >= pl.col("first_open_date"),
            ),
        ],
        cluster_by=["device_id", "email"],
    )
