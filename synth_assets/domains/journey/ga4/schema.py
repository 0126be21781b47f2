"""The schema of Google Analytics 4's export to BigQuery, as the public sample has it.

Lists are never null, since BigQuery only has empty ones. Fields of a struct may be null, since the
export omits what a device, a location or an event does not report. Source: Google Analytics Help,
"[GA4] BigQuery Export schema".
"""

from __future__ import annotations

import dataframely as dy

from synth_assets.core.schema import pii

DATE_FORM = r"^\d{8}$"


def text() -> dy.String:
    """A text that may be null."""
    return dy.String(nullable=True)


def number() -> dy.Int64:
    """A whole number that may be null."""
    return dy.Int64(nullable=True)


def amount() -> dy.Float64:
    """An amount that may be null."""
    return dy.Float64(nullable=True)


def value(**more: dy.Column) -> dy.Struct:
    """The value of a parameter, in one of several fields.

    Args:
        **more: Further fields.
    """
    return dy.Struct(
        {
            "string_value": text(),
            "int_value": number(),
            "float_value": amount(),
            "double_value": amount(),
            **more,
        },
        nullable=True,
    )


PARAM = {"key": text(), "value": value()}
ITEM: dict[str, dy.Column] = {
    "item_id": text(),
    "item_name": text(),
    "item_brand": text(),
    "item_variant": text(),
    "item_category": text(),
    "item_category2": text(),
    "item_category3": text(),
    "item_category4": text(),
    "item_category5": text(),
    "price_in_usd": amount(),
    "price": amount(),
    "quantity": number(),
    "item_revenue_in_usd": amount(),
    "item_revenue": amount(),
    "item_refund_in_usd": amount(),
    "item_refund": amount(),
    "coupon": text(),
    "affiliation": text(),
    "location_id": text(),
    "item_list_id": text(),
    "item_list_name": text(),
    "item_list_index": text(),
    "promotion_id": text(),
    "promotion_name": text(),
    "creative_name": text(),
    "creative_slot": text(),
}

DEVICE: dict[str, dy.Column] = {
    "category": text(),
    "mobile_brand_name": text(),
    "mobile_model_name": text(),
    "mobile_marketing_name": text(),
    "mobile_os_hardware_model": text(),
    "operating_system": text(),
    "operating_system_version": text(),
    "vendor_id": text(),
    "advertising_id": text(),
    "language": text(),
    "is_limited_ad_tracking": text(),
    "time_zone_offset_seconds": number(),
    "web_info": dy.Struct({"browser": text(), "browser_version": text()}, nullable=True),
}


class Events(dy.Schema):
    """An event sent by a visitor's browser."""

    event_date = dy.String(regex=DATE_FORM, description="Day of the event, YYYYMMDD.")
    event_timestamp = dy.Int64(min=0, description="Time, microseconds since 1970 (UTC).")
    event_name = dy.String(description="What happened, one of 17 names.")
    event_params = dy.List(
        dy.Struct(PARAM, nullable=True),
        description="Parameters: a key, and a value in the field of its type.",
    )
    event_previous_timestamp = dy.Int64(
        nullable=True, description="Time of the user's previous event of that name, if known."
    )
    event_value_in_usd = dy.Float64(nullable=True, description="Value of the event, dollars.")
    event_bundle_sequence_id = dy.Int64(
        nullable=True, description="Number of the bundle in which the event was sent."
    )
    event_server_timestamp_offset = dy.Int64(
        nullable=True, description="Microseconds from collection to upload; always null."
    )
    user_id = dy.String(nullable=True, description="The shop's id of the user; always null.")
    user_pseudo_id = dy.String(
        nullable=True,
        description="Id of the visitor's browser; null without consent.",
        metadata=pii("device_id"),
    )
    privacy_info = dy.Struct(
        {
            "analytics_storage": number(),
            "ads_storage": number(),
            "uses_transient_token": text(),
        },
        nullable=True,
        description="What the visitor consented to.",
    )
    user_properties = dy.List(
        dy.Struct({"key": number(), "value": value(set_timestamp_micros=number())}, nullable=True),
        description="Properties of the user; always empty.",
    )
    user_first_touch_timestamp = dy.Int64(
        nullable=True, description="Time of the visitor's first visit, microseconds."
    )
    user_ltv = dy.Struct(
        {"revenue": amount(), "currency": text()},
        nullable=True,
        description="What the visitor has spent so far, including this event.",
    )
    device = dy.Struct(
        DEVICE,
        nullable=True,
        description="The visitor's device and browser.",
    )
    geo = dy.Struct(
        {
            name: text()
            for name in ("continent", "sub_continent", "country", "region", "city", "metro")
        },
        nullable=True,
        description="Where the visitor is.",
    )
    app_info = dy.Struct(
        {
            name: text()
            for name in ("id", "version", "install_store", "firebase_app_id", "install_source")
        },
        nullable=True,
        description="The app; always null, as the shop has none.",
    )
    traffic_source = dy.Struct(
        {"medium": text(), "name": text(), "source": text()},
        nullable=True,
        description="The visitor's first traffic source.",
    )
    stream_id = dy.Int64(nullable=True, description="Number of the data stream.")
    platform = dy.String(nullable=True, description="WEB.")
    event_dimensions = dy.Struct(
        {"hostname": text()}, nullable=True, description="Further dimensions; always null."
    )
    ecommerce = dy.Struct(
        {
            "total_item_quantity": number(),
            "purchase_revenue_in_usd": amount(),
            "purchase_revenue": amount(),
            "refund_value_in_usd": amount(),
            "refund_value": amount(),
            "shipping_value_in_usd": amount(),
            "shipping_value": amount(),
            "tax_value_in_usd": amount(),
            "tax_value": amount(),
            "unique_items": number(),
            "transaction_id": text(),
        },
        nullable=True,
        description="The transaction of the event.",
    )
    items = dy.List(dy.Struct(ITEM, nullable=True), description="The items of the event.")
