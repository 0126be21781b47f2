"""The schema of 2025 has the columns, fields and types that GA4 documents and exports.

Sources: Google Analytics Help, "[GA4] BigQuery Export schema", and for the fields that it leaves
out (``device.browser``, ``app_info.install_store``, the campaigns of Search Ads 360, Campaign
Manager 360 and Display & Video 360) tables that GA4 has exported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl
import pytest
from google.cloud.bigquery import SchemaField

from synth_assets.core.model import Domain
from synth_assets.domains.journey.tables.daily_events import NAME as BY_DATE
from synth_assets.domains.journey.tables.daily_events_intraday import NAME as INTRADAY
from synth_assets.stores.bigquery.columns import fields_of
from synth_assets_tests.domains.journey.made import journey, made

VALUE = "string_value STRING, int_value INT64, double_value FLOAT64, float_value FLOAT64"
# Records by path, "" for the columns themselves.
DOCUMENTED = {
    "": """
        event_date STRING, event_timestamp INT64, event_name STRING, event_params RECORD[],
        event_previous_timestamp INT64, event_value_in_usd FLOAT64, event_bundle_sequence_id INT64,
        event_server_timestamp_offset INT64, user_id STRING, user_pseudo_id STRING,
        privacy_info RECORD, user_properties RECORD[], user_first_touch_timestamp INT64,
        user_ltv RECORD, device RECORD, geo RECORD, app_info RECORD, traffic_source RECORD,
        stream_id STRING, platform STRING, event_dimensions RECORD, ecommerce RECORD,
        items RECORD[], collected_traffic_source RECORD, is_active_user BOOL,
        batch_event_index INT64, batch_page_id INT64, batch_ordering_id INT64,
        session_traffic_source_last_click RECORD, publisher RECORD
    """,
    "event_params": "key STRING, value RECORD",
    "event_params.value": VALUE,
    "privacy_info": "analytics_storage STRING, ads_storage STRING, uses_transient_token STRING",
    "user_properties": "key STRING, value RECORD",
    "user_properties.value": f"{VALUE}, set_timestamp_micros INT64",
    "user_ltv": "revenue FLOAT64, currency STRING",
    "device": """
        category STRING, mobile_brand_name STRING, mobile_model_name STRING,
        mobile_marketing_name STRING, mobile_os_hardware_model STRING, operating_system STRING,
        operating_system_version STRING, vendor_id STRING, advertising_id STRING, language STRING,
        is_limited_ad_tracking STRING, time_zone_offset_seconds INT64, browser STRING,
        browser_version STRING, web_info RECORD
    """,
    "device.web_info": "browser STRING, browser_version STRING, hostname STRING",
    "geo": """
        continent STRING, sub_continent STRING, country STRING, region STRING, city STRING,
        metro STRING
    """,
    "app_info": """
        id STRING, version STRING, install_store STRING, firebase_app_id STRING,
        install_source STRING
    """,
    "traffic_source": "name STRING, medium STRING, source STRING",
    "event_dimensions": "hostname STRING",
    "ecommerce": """
        total_item_quantity INT64, purchase_revenue_in_usd FLOAT64, purchase_revenue FLOAT64,
        refund_value_in_usd FLOAT64, refund_value FLOAT64, shipping_value_in_usd FLOAT64,
        shipping_value FLOAT64, tax_value_in_usd FLOAT64, tax_value FLOAT64, unique_items INT64,
        transaction_id STRING
    """,
    "items": """
        item_id STRING, item_name STRING, item_brand STRING, item_variant STRING,
        item_category STRING, item_category2 STRING, item_category3 STRING, item_category4 STRING,
        item_category5 STRING, price_in_usd FLOAT64, price FLOAT64, quantity INT64,
        item_revenue_in_usd FLOAT64, item_revenue FLOAT64, item_refund_in_usd FLOAT64,
        item_refund FLOAT64, coupon STRING, affiliation STRING, location_id STRING,
        item_list_id STRING, item_list_name STRING, item_list_index STRING, promotion_id STRING,
        promotion_name STRING, creative_name STRING, creative_slot STRING, item_params RECORD[]
    """,
    "items.item_params": "key STRING, value RECORD",
    "items.item_params.value": VALUE,
    "collected_traffic_source": """
        manual_campaign_id STRING, manual_campaign_name STRING, manual_source STRING,
        manual_medium STRING, manual_term STRING, manual_content STRING,
        manual_source_platform STRING, manual_creative_format STRING,
        manual_marketing_tactic STRING, gclid STRING, dclid STRING, srsltid STRING
    """,
    "session_traffic_source_last_click": """
        manual_campaign RECORD, google_ads_campaign RECORD, cross_channel_campaign RECORD,
        sa360_campaign RECORD, cm360_campaign RECORD, dv360_campaign RECORD
    """,
    "session_traffic_source_last_click.manual_campaign": """
        campaign_id STRING, campaign_name STRING, source STRING, medium STRING, term STRING,
        content STRING, source_platform STRING, creative_format STRING, marketing_tactic STRING
    """,
    "session_traffic_source_last_click.google_ads_campaign": """
        customer_id STRING, account_name STRING, campaign_id STRING, campaign_name STRING,
        ad_group_id STRING, ad_group_name STRING
    """,
    "session_traffic_source_last_click.cross_channel_campaign": """
        campaign_id STRING, campaign_name STRING, source STRING, medium STRING,
        source_platform STRING, default_channel_group STRING, primary_channel_group STRING
    """,
    "session_traffic_source_last_click.sa360_campaign": """
        campaign_id STRING, campaign_name STRING, source STRING, medium STRING,
        ad_group_id STRING, ad_group_name STRING, creative_format STRING,
        engine_account_name STRING, engine_account_type STRING, manager_account_name STRING
    """,
    "session_traffic_source_last_click.cm360_campaign": """
        campaign_id STRING, campaign_name STRING, source STRING, medium STRING, account_id STRING,
        account_name STRING, advertiser_id STRING, advertiser_name STRING, creative_id STRING,
        creative_format STRING, creative_name STRING, creative_type STRING,
        creative_type_id STRING, creative_version STRING, placement_id STRING,
        placement_cost_structure STRING, placement_name STRING, rendering_id STRING,
        site_id STRING, site_name STRING
    """,
    "session_traffic_source_last_click.dv360_campaign": """
        campaign_id STRING, campaign_name STRING, source STRING, medium STRING,
        advertiser_id STRING, advertiser_name STRING, creative_id STRING, creative_format STRING,
        creative_name STRING, exchange_id STRING, exchange_name STRING, insertion_order_id STRING,
        insertion_order_name STRING, line_item_id STRING, line_item_name STRING,
        partner_id STRING, partner_name STRING
    """,
    "publisher": """
        ad_revenue_in_usd FLOAT64, ad_format STRING, ad_source_name STRING, ad_unit_id STRING
    """,
}


def documented() -> set[tuple[str, str]]:
    """The path and the type of every field."""
    return {
        (f"{record}.{name}".lstrip("."), type_)
        for record, text in DOCUMENTED.items()
        for name, type_ in (field.split() for field in text.split(","))
    }


def paths(fields: Iterable[SchemaField], record: str = "") -> Iterator[tuple[str, str]]:
    """The path and the type of every field of BigQuery columns."""
    for field in fields:
        path = f"{record}.{field.name}".lstrip(".")
        yield path, field.field_type + ("[]" if field.mode == "REPEATED" else "")
        yield from paths(field.fields, path)


@pytest.fixture(scope="module")
def modern() -> Domain:
    return journey(
        export_schema="2025", tables_by_date=True, intraday_until_hour=12, scale=0.01,
        start_date="2024-12-02", end_date="2024-12-04",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["events", BY_DATE, INTRADAY])
def test_bigquery_has_the_documented_fields_and_types(modern: Domain, name: str) -> None:
    assert set(paths(fields_of(modern.table(name)))) == documented()


def test_the_columns_are_in_the_order_of_the_export(modern: Domain) -> None:
    names = [field.split()[0] for field in DOCUMENTED[""].split(",")]
    assert modern.table("events").schema.column_names() == names


def test_an_event_has_a_parameter_once(modern: Domain) -> None:
    """Queries read a parameter by a scalar subquery, which fails for two."""
    rows = pl.concat(made(modern, modern.table("events").partitioning.keys()).values())
    keys = pl.col("event_params").list.eval(pl.element().struct.field("key"))
    repeated = rows.select(keys.list.len() != keys.list.n_unique())
    assert len(rows) > 1_000
    assert not repeated.to_series().any()
