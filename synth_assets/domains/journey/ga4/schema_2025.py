"""The schema of Google Analytics 4's export to BigQuery as of 2025.

It has the columns of 2020 and more: consent as text, the traffic source of the event and of the
session's last click, the host, and the order of events within a batch. Source: Google Analytics
Help, "[GA4] BigQuery Export schema".
"""

from __future__ import annotations

import dataframely as dy

from synth_assets.domains.journey.ga4.schema import (
    DEVICE,
    ITEM,
    PARAM,
    Events,
    amount,
    number,
    text,
    value,
)

MANUAL = (
    "manual_campaign_id", "manual_campaign_name", "manual_source", "manual_medium", "manual_term",
    "manual_content", "manual_source_platform", "manual_creative_format",
    "manual_marketing_tactic", "gclid", "dclid", "srsltid",
)  # fmt: skip
# Campaigns of a session's last click, with their fields.
LAST_CLICK: dict[str, tuple[str, ...]] = {
    "manual_campaign": (
        "campaign_id", "campaign_name", "source", "medium", "term", "content", "source_platform",
        "creative_format", "marketing_tactic",
    ),
    "google_ads_campaign": (
        "customer_id", "account_name", "campaign_id", "campaign_name", "ad_group_id",
        "ad_group_name",
    ),
    "cross_channel_campaign": (
        "campaign_id", "campaign_name", "source", "medium", "source_platform",
        "default_channel_group", "primary_channel_group",
    ),
    "sa360_campaign": (
        "campaign_id", "campaign_name", "source", "medium", "ad_group_id", "ad_group_name",
        "creative_format", "engine_account_name", "engine_account_type", "manager_account_name",
    ),
    "cm360_campaign": (
        "campaign_id", "campaign_name", "source", "medium", "account_id", "account_name",
        "advertiser_id", "advertiser_name", "creative_id", "creative_format", "creative_name",
        "creative_type", "creative_type_id", "creative_version", "placement_id",
        "placement_cost_structure", "placement_name", "rendering_id", "site_id", "site_name",
    ),
    "dv360_campaign": (
        "campaign_id", "campaign_name", "source", "medium", "advertiser_id", "advertiser_name",
        "creative_id", "creative_format", "creative_name", "exchange_id", "exchange_name",
        "insertion_order_id", "insertion_order_name", "line_item_id", "line_item_name",
        "partner_id", "partner_name",
    ),
}  # fmt: skip


def _texts(names: tuple[str, ...]) -> dict[str, dy.Column]:
    return {name: text() for name in names}


class Events2025(dy.Schema):
    """An event sent by a visitor's browser, in the schema of 2025.

    Columns are in the order of the export. Those that have not changed are the ones of 2020.
    """

    event_date = Events.event_date
    event_timestamp = Events.event_timestamp
    event_name = dy.String(description="What happened, one of 20 names.")
    event_params = Events.event_params
    event_previous_timestamp = Events.event_previous_timestamp
    event_value_in_usd = Events.event_value_in_usd
    event_bundle_sequence_id = Events.event_bundle_sequence_id
    event_server_timestamp_offset = Events.event_server_timestamp_offset
    user_id = dy.String(nullable=True, description="The shop's id of the user, from the login on.")
    user_pseudo_id = Events.user_pseudo_id
    privacy_info = dy.Struct(
        _texts(("analytics_storage", "ads_storage", "uses_transient_token")),
        nullable=True,
        description="What the visitor consented to: Yes or No.",
    )
    user_properties = dy.List(
        dy.Struct({"key": text(), "value": value(set_timestamp_micros=number())}, nullable=True),
        description="Properties of the user; always empty.",
    )
    user_first_touch_timestamp = Events.user_first_touch_timestamp
    user_ltv = Events.user_ltv
    device = dy.Struct(
        DEVICE
        | {
            "browser": text(),
            "browser_version": text(),
            "web_info": dy.Struct(
                _texts(("browser", "browser_version", "hostname")), nullable=True
            ),
        },
        nullable=True,
        description="The visitor's device and browser.",
    )
    geo = Events.geo
    app_info = Events.app_info
    traffic_source = Events.traffic_source
    stream_id = dy.String(nullable=True, description="Number of the data stream.")
    platform = Events.platform
    event_dimensions = Events.event_dimensions
    ecommerce = Events.ecommerce
    items = dy.List(
        dy.Struct(ITEM | {"item_params": dy.List(dy.Struct(PARAM, nullable=True))}, nullable=True),
        description="The items of the event.",
    )
    collected_traffic_source = dy.Struct(
        _texts(MANUAL), nullable=True, description="The traffic source that the event reports."
    )
    is_active_user = dy.Bool(
        nullable=True, description="Whether the user was active on the day of the event."
    )
    batch_event_index = dy.Int64(
        nullable=True, description="Number of the event in its batch, in order of creation."
    )
    batch_page_id = dy.Int64(
        nullable=True, description="Time when the page was loaded, milliseconds."
    )
    batch_ordering_id = dy.Int64(
        nullable=True, description="Number of the batch on its page, in order of requests."
    )
    session_traffic_source_last_click = dy.Struct(
        {name: dy.Struct(_texts(fields), nullable=True) for name, fields in LAST_CLICK.items()},
        nullable=True,
        description="The session's traffic source: that of the last click.",
    )
    publisher = dy.Struct(
        {
            "ad_revenue_in_usd": amount(),
            **_texts(("ad_format", "ad_source_name", "ad_unit_id")),
        },
        nullable=True,
        description="Revenue of advertisements in apps; always null.",
    )
