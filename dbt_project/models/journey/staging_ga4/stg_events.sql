{{ config(materialized='incremental', tags=['daily', 'staging']) }}

select
    event_key,
    day,
    event_timestamp,
    event_at,
    event_name,
    user_pseudo_id,
    user_first_touch_timestamp,
    stream_id,
    ga_session_id,
    ga_session_number,
    page_location,
    page_title,
    page_referrer,
    source,
    medium,
    campaign,
    gclid,
    search_term,
    percent_scrolled,
    engagement_msec,
    session_engaged,
    device_category,
    country,
    first_source,
    first_medium,
    transaction_id,
    revenue_cents,
    tax_cents,
    shipping_cents,
    -- What the customer paid by this event, as the backend's total has it.
    revenue_cents + coalesce(tax_cents, 0) + coalesce(shipping_cents, 0) as reported_cents
from {{ ref('base_events') }}
-- Without consent there is no visitor, and nothing joins.
where {{ in_days() }} and not is_test and not is_repeated and user_pseudo_id is not null
