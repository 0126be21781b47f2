{{ config(materialized='view', tags=['daily', 'staging']) }}

-- Every event of the export with its parameters as columns, and what speaks against it.
with unnested as (
    select
        day,
        event_timestamp,
        {{ moment_of('event_timestamp') }} as event_at,
        event_name,
        user_pseudo_id,
        user_first_touch_timestamp,
        stream_id,
        {{ event_param('ga_session_id', 'int_value', 'bigint') }} as ga_session_id,
        {{ event_param('ga_session_number', 'int_value', 'bigint') }} as ga_session_number,
        {{ event_param('page_location') }} as page_location,
        {{ event_param('page_title') }} as page_title,
        {{ event_param('page_referrer') }} as page_referrer,
        {{ event_param('source') }} as source,
        {{ event_param('medium') }} as medium,
        {{ event_param('campaign') }} as campaign,
        {{ event_param('gclid') }} as gclid,
        {{ event_param('search_term') }} as search_term,
        {{ event_param('percent_scrolled', 'int_value', 'bigint') }} as percent_scrolled,
        {{ event_param('engagement_time_msec', 'int_value', 'bigint') }} as engagement_msec,
        -- The export writes it as a text, or as a number.
        coalesce(
            {{ event_param('session_engaged') }},
            {{ as_text(event_param('session_engaged', 'int_value', 'bigint')) }}
        ) = '1' as session_engaged,
        {{ event_param('traffic_type') }} as traffic_type,
        {{ struct_field('device', 'category') }} as device_category,
        {{ struct_field('geo', 'country') }} as country,
        {{ struct_field('traffic_source', 'source') }} as first_source,
        {{ struct_field('traffic_source', 'medium') }} as first_medium,
        {{ struct_field('ecommerce', 'transaction_id') }} as transaction_id,
        {{ cents_of(struct_field('ecommerce', 'purchase_revenue', 'double')) }} as revenue_cents,
        {{ cents_of(struct_field('ecommerce', 'tax_value', 'double')) }} as tax_cents,
        {{ cents_of(struct_field('ecommerce', 'shipping_value', 'double')) }} as shipping_cents,
        {{ hashed([
            'event_timestamp', 'event_name', 'user_pseudo_id', 'user_first_touch_timestamp',
            'event_bundle_sequence_id', struct_field('ecommerce', 'transaction_id'),
            cents_of(struct_field('ecommerce', 'purchase_revenue', 'double')),
            cents_of(struct_field('ecommerce', 'tax_value', 'double')),
            cents_of(struct_field('ecommerce', 'shipping_value', 'double')),
            nested_text('event_params'), nested_text('items'),
        ]) }} as event_key
    from {{ landed(source('raw_ga4', 'events')) }}
)

select
    *,
    coalesce(traffic_type = 'internal', false) or coalesce(transaction_id like 'TEST-%', false)
        as is_test,
    row_number() over (partition by day, event_key order by event_timestamp) > 1 as is_repeated
from unnested
