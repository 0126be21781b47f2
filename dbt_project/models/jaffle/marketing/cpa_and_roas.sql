{{ config(materialized='table', tags=['whole', 'marketing', 'finance']) }}

with spend as (
    select day, utm_source, {{ decimal_sum('spend') }} as total_spend
    from {{ ref('ads_spend') }}
    group by day, utm_source
),

-- By the day of the session, not of the order: that is the day whose spend bought it.
credit as (
    select
        day,
        utm_source,
        sum(linear_points) as attribution_points,
        sum(linear_revenue) as attribution_revenue
    from {{ ref('attribution_touches') }}
    group by day, utm_source
),

both_sides as (
    select
        coalesce(spend.day, credit.day) as day,
        coalesce(spend.utm_source, credit.utm_source) as utm_source,
        coalesce(spend.total_spend, 0) as total_spend,
        coalesce(credit.attribution_points, 0) as attribution_points,
        coalesce(credit.attribution_revenue, 0) as attribution_revenue
    from spend
    full outer join credit
        on spend.day = credit.day
        and spend.utm_source = credit.utm_source
)

select
    *,
    nullif(total_spend, 0) / nullif(attribution_points, 0) as cost_per_acquisition,
    nullif(attribution_revenue, 0) / nullif(total_spend, 0) as return_on_advertising_spend
from both_sides
