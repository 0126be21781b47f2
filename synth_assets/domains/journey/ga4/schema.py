"""The schema of Google Analytics 4's export to BigQuery, as the public sample has it.

Lists are never null, since BigQuery only has empty ones. Fields of a struct may be null, since the
export omits what a device, a location or an event does not report. Source: Google Analytics Help,
"[GA4] BigQuery Export schema".
"""

from __future__ import annotations

import dataframely as dy

from synth_assets.core.schema import pii

DATE_FORM = r"^\d{8}$"


def _text() -> dy.String:
    return dy.String(nullable=True)


def _number() -> dy.Int64:
    return dy.Int64(nullable=True)


def _amount() -> dy.Float64:
    return dy.Float64(nullable=True)


def _value(**more: dy.Column) -> dy.Struct:
    return dy.Struct(
        {
            "string_value": _text(),
            "int_value": _number(),
            "float_value": _amount(),
            "double_value": _amount(),
            **more,
        },
        nullable=True,
    )


PARAM = {"key": _text(), "value": _value()}
ITEM: dict[str, dy.Column] = {
    "item_id": _text(),
    "item_name": _text(),
    "item_brand": _text(),
    "item_variant": _text(),
    "item_category": _text(),
    "item_category2": _text(),
    "item_category3": _text(),
    "item_category4": _text(),
    "item_category5": _text(),
    "price_in_usd": _amount(),
    "price": _amount(),
    "quantity": _number(),
    "item_revenue_in_usd": _amount(),
    "item_revenue": _amount(),
    "item_refund_in_usd": _amount(),
    "item_refund": _amount(),
    "coupon": _text(),
    "affiliation": _text(),
    "location_id": _text(),
    "item_list_id": _text(),
    "item_list_name": _text(),
    "item_list_index": _text(),
    "promotion_id": _text(),
    "promotion_name": _text(),
    "creative_name": _text(),
    "creative_slot": _text(),
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
        description="Id of the visitor's browser.", metadata=pii("device_id")
    )
    privacy_info = dy.Struct(
        {
            "analytics_storage": _number(),
            "ads_storage": _number(),
            "uses_transient_token": _text(),
        },
        nullable=True,
        description="What the visitor consented to.",
    )
    user_properties = dy.List(
        dy.Struct(
            {"key": _number(), "value": _value(set_timestamp_micros=_number())}, nullable=True
        ),
        description="Properties of the user; always empty.",
    )
    user_first_touch_timestamp = dy.Int64(
        nullable=True, description="Time of the visitor's first visit, microseconds."
    )
    user_ltv = dy.Struct(
        {"revenue": _amount(), "currency": _text()},
        nullable=True,
        description="What the visitor has spent so far, including this event.",
    )
    device = dy.Struct(
        {
            "category": _text(),
            "mobile_brand_name": _text(),
            "mobile_model_name": _text(),
            "mobile_marketing_name": _text(),
            "mobile_os_hardware_model": _text(),
            "operating_system": _text(),
            "operating_system_version": _text(),
            "vendor_id": _text(),
            "advertising_id": _text(),
            "language": _text(),
            "is_limited_ad_tracking": _text(),
            "time_zone_offset_seconds": _number(),
            "web_info": dy.Struct({"browser": _text(), "browser_version": _text()}, nullable=True),
        },
        nullable=True,
        description="The visitor's device and browser.",
    )
    geo = dy.Struct(
        {
            name: _text()
            for name in ("continent", "sub_continent", "country", "region", "city", "metro")
        },
        nullable=True,
        description="Where the visitor is.",
    )
    app_info = dy.Struct(
        {
            name: _text()
            for name in ("id", "version", "install_store", "firebase_app_id", "install_source")
        },
        nullable=True,
        description="The app; always null, as the shop has none.",
    )
    traffic_source = dy.Struct(
        {"medium": _text(), "name": _text(), "source": _text()},
        nullable=True,
        description="The visitor's first traffic source.",
    )
    stream_id = dy.Int64(nullable=True, description="Number of the data stream.")
    platform = dy.String(nullable=True, description="WEB.")
    event_dimensions = dy.Struct(
        {"hostname": _text()}, nullable=True, description="Further dimensions; always null."
    )
    ecommerce = dy.Struct(
        {
            "total_item_quantity": _number(),
            "purchase_revenue_in_usd": _amount(),
            "purchase_revenue": _amount(),
            "refund_value_in_usd": _amount(),
            "refund_value": _amount(),
            "shipping_value_in_usd": _amount(),
            "shipping_value": _amount(),
            "tax_value_in_usd": _amount(),
            "tax_value": _amount(),
            "unique_items": _number(),
            "transaction_id": _text(),
        },
        nullable=True,
        description="The transaction of the event.",
    )
    items = dy.List(dy.Struct(ITEM, nullable=True), description="The items of the event.")
