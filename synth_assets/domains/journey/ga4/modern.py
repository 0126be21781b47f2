"""What an export in the schema of 2025 has beyond the public sample's.

Consent, the user's id from the login on, the traffic source of the session's last click, and the
order of events within a batch. Visitors without consent send pings without cookies: their events
have no user, no session and no first visit.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from synth_assets.core.schema import polars_schema
from synth_assets.domains.journey.ga4.channels import DIRECT, PAID, SHOP, channels
from synth_assets.domains.journey.ga4.event_sequence import EventSequence
from synth_assets.domains.journey.ga4.low_discrepancy import Flags, Numbers
from synth_assets.domains.journey.ga4.nested import gather_or_null, so_far
from synth_assets.domains.journey.ga4.params import click_ids, source_of
from synth_assets.domains.journey.ga4.sample import LOGIN, SIGN_UP, TYPE
from synth_assets.domains.journey.ga4.schema_2025 import Events2025
from synth_assets.domains.journey.model import Model
from synth_assets.domains.journey.scenario import JourneyScenario
from synth_assets.randomness.streams import RandomStream

# Default channel groups by medium (Google Analytics Help, "Default channel group").
GROUPS = {
    "organic": "Organic Search", "(none)": "Direct", "referral": "Referral", "cpc": "Paid Search",
    "email": "Email", "affiliate": "Affiliates",
}  # fmt: skip
UNASSIGNED = "Unassigned"
ADS = {"customer_id": "4201234567", "account_name": "Merchandise", "campaign_id": "11223344556"}
# Columns that need a cookie.
WITH_COOKIE = (
    "user_id", "user_pseudo_id", "user_first_touch_timestamp", "event_previous_timestamp",
    "user_ltv", "traffic_source", "session_traffic_source_last_click",
)  # fmt: skip


def modern(
    scenario: JourneyScenario, model: Model, sequence: EventSequence, frame: pl.DataFrame,
    consented: Flags, bundle: int,
) -> pl.DataFrame:  # fmt: skip
    """The events in the schema of 2025.

    Args:
        scenario: Seed and defects.
        model: All sessions.
        sequence: The events.
        frame: The events in the schema of 2020.
        consented: Whether the visitor of each event has consented.
        bundle: Events in a batch.
    """
    schema = polars_schema(Events2025)
    begins = sequence.place == 0
    logged_in = so_far(sequence.has_name(LOGIN, SIGN_UP), begins) > 0
    views = sequence.has_name("page_view")
    consent = pl.Series(np.where(consented, "Yes", "No"))
    hosts = pl.Series("hostname", [SHOP]).new_from_index(0, len(sequence))
    device = frame["device"].struct
    nothing = {n: pl.Series(n, [None], dtype=schema[n]).new_from_index(0, len(frame))
               for n in ("publisher", "user_properties")}  # fmt: skip
    wide = frame.with_columns(
        user_id=_user_ids(scenario, model, sequence, logged_in),
        privacy_info=pl.DataFrame(
            {"analytics_storage": consent, "ads_storage": consent,
             "uses_transient_token": pl.Series(["No"]).new_from_index(0, len(frame))}
        ).to_struct("privacy_info"),
        user_properties=nothing["user_properties"].fill_null(pl.Series([[]])),
        device=frame["device"].struct.unnest().with_columns(
            browser=device.field("web_info").struct.field("browser"),
            browser_version=device.field("web_info").struct.field("browser_version"),
            web_info=device.field("web_info").struct.unnest().with_columns(hosts)
            .to_struct("web_info"),
        ).to_struct("device"),
        items=pl.col("items").list.eval(
            pl.element().struct.with_fields(item_params=pl.lit([]))
        ),
        is_active_user=pl.Series(_is_active(model, sequence.session)),
        publisher=nothing["publisher"],
        **_batches(sequence, begins | (views & (sequence.nth > 0)), bundle),
        **_sources(scenario, model, sequence),
    )  # fmt: skip
    known = pl.Series(consented)
    return wide.select(
        pl.when(known).then(pl.col(name)).cast(dtype).alias(name)
        if name in WITH_COOKIE
        else pl.col(name).cast(dtype)
        for name, dtype in schema.items()
    )


def consents(scenario: JourneyScenario, visitor: Numbers) -> Flags:
    """Whether each visitor has consented to cookies.

    Args:
        scenario: Seed and share.
        visitor: Numbers of the visitors.
    """
    draw = RandomStream(scenario.seed, "journey", "visitors", "consent")
    rows = pl.DataFrame({"visitor": visitor})
    refused = rows.select(draw.bernoulli(pl.col("visitor"), scenario.no_consent_share))
    found: Flags = ~refused.to_series().to_numpy()
    return found


def _user_ids(
    scenario: JourneyScenario, model: Model, sequence: EventSequence, logged_in: Flags
) -> pl.Series:
    """The shop's id of each user who is logged in, null for the others."""
    draw = RandomStream(scenario.seed, "journey", "visitors", "user_id", f"{model.period.first}")
    ids, place = np.unique(model.visitor[sequence.session[logged_in]], return_inverse=True)
    texts = pl.DataFrame({"visitor": ids}).select(
        pl.concat_str(pl.lit("C"), draw.hexadecimal(pl.col("visitor"), 12))
    )
    which = np.zeros(len(sequence), dtype=np.int64)
    which[logged_in] = place
    return gather_or_null(texts.to_series().cast(pl.String), which, logged_in)


def _is_active(model: Model, session: Numbers) -> Flags:
    """Whether each event's visitor is active on its day: a first visit, or more than a page opened.

    GA4 Help, "Understand user metrics": an active user has a first visit or an engagement time.
    """
    if not len(session):
        return np.zeros(0, dtype=bool)
    first, last = np.searchsorted(model.days, session[[0, -1]], side="right")
    start, stop = int(model.days[first - 1]), int(model.days[last])
    counts = model.counts[start:stop]
    openings = counts[:, TYPE["session_start"]] + np.minimum(counts[:, TYPE["page_view"]], 1)
    acts = counts.sum(axis=1) > openings
    day = np.searchsorted(model.days, np.arange(start, stop), side="right")
    _, place = np.unique(day * len(model.visitors) + model.visitor[start:stop], return_inverse=True)
    found: Flags = (np.bincount(place, acts) > 0)[place[session - start]]
    return found


def _batches(sequence: EventSequence, loads: Flags, bundle: int) -> dict[str, pl.Series]:
    """The page of each event by the time when it was loaded, its batch on the page, its place."""
    number = np.arange(len(sequence))
    first = np.maximum.accumulate(np.where(loads, number, 0))
    place = number - first
    return {
        "batch_event_index": pl.Series(place % bundle + 1),
        "batch_page_id": pl.Series(sequence.at[first] // 1_000),
        "batch_ordering_id": pl.Series(place // bundle + 1),
    }


def _sources(
    scenario: JourneyScenario, model: Model, sequence: EventSequence
) -> dict[str, pl.Series]:
    """The source that an event reports, and that of the session's last click."""
    schema, known = polars_schema(Events2025), channels(scenario)
    rows = np.unique(sequence.session)
    own = source_of(scenario, model, rows)
    # A direct session has the source of the visitor's first one.
    last = np.where(own == DIRECT, model.visitors.channel[model.visitor[rows]], own)
    local = np.searchsorted(rows, sequence.session)
    medium = known["medium"].to_list()
    group = pl.Series([GROUPS.get(m, UNASSIGNED) for m in medium])
    manual = known.select(campaign_name="name", source="source", medium="medium")
    is_paid = pl.Series([n == PAID for n in range(len(known))])
    cross = manual.with_columns(default_channel_group=group, primary_channel_group=group)
    ads = pl.DataFrame({name: [text] for name, text in ADS.items()}).to_struct()
    none = pl.Series([None], dtype=ads.dtype)
    paid = pl.concat([ads, none]).gather(pl.Series(np.where(is_paid.to_numpy(), 0, 1)))
    of_channel = pl.DataFrame(
        {"manual_campaign": manual.to_struct(), "google_ads_campaign": paid,
         "cross_channel_campaign": cross.to_struct()}
    ).to_struct()  # fmt: skip
    paying = own == PAID
    clicks = click_ids(scenario, model, rows[paying])
    of_session = pl.DataFrame(
        {"manual_campaign_name": known["name"], "manual_source": known["source"],
         "manual_medium": known["medium"]}
    )[pl.Series(own.astype(np.uint32))].with_columns(
        gclid=gather_or_null(clicks, np.cumsum(paying) - 1, paying)
    )  # fmt: skip
    reported = (own != DIRECT)[local] & (sequence.has_name("page_view") & (sequence.nth == 0))
    return {
        "session_traffic_source_last_click": _filled(
            gather_or_null(of_channel, last[local]), schema["session_traffic_source_last_click"]
        ),
        "collected_traffic_source": _filled(
            gather_or_null(of_session.to_struct(), local, reported),
            schema["collected_traffic_source"],
        ),
    }


def _filled(values: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Structs with all fields of a type, null where they are missing."""
    if not isinstance(dtype, pl.Struct):
        return values.cast(dtype)
    there = values.struct.unnest()
    fields = {
        field.name: _filled(there[field.name], field.dtype)  # type: ignore[arg-type]
        if field.name in there.columns
        else pl.Series([None], dtype=field.dtype).new_from_index(0, len(values))
        for field in dtype.fields
    }
    whole = pl.DataFrame(fields).to_struct()
    return pl.select(pl.when(values.is_not_null()).then(whole)).to_series()
