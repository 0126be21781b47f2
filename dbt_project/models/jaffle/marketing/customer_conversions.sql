{{ config(materialized='table', tags=['whole', 'marketing', 'finance']) }}

with touches as (
    select
        *,
        row_number() over (
            partition by dataset, order_id order by started_at desc, session_id desc
        ) as recency
    from {{ ref('order_touches') }}
)

select
    dataset,
    customer_id,
    order_id,
    converted_at,
    revenue,
    session_id,
    started_at as session_date,
    utm_source,
    utm_medium,
    seconds_before / 86400.0 as days_to_order,
    seconds_before / 3600.0 as hours_to_order
from touches
where recency = 1
