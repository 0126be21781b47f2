{{ config(materialized='table', tags=['whole', 'marketing', 'finance']) }}

with spend as (
    select day, utm_source, {{ decimal_sum('spend') }} as total_spend
    from {{ ref('ads_spend') }}
    group by day, utm_source
),

-- What was spent on a platform is shared between the data sets by the visits that it led to.
visits as (
    select
        cast(started_at as date) as day,
        utm_source,
        dataset,
        count(*) as visits
    from {{ ref('sessions') }}
    group by cast(started_at as date), utm_source, dataset
),

shared as (
    select
        spend.day,
        spend.utm_source,
        coalesce(visits.dataset, 'training') as dataset,
        spend.total_spend * coalesce(
            visits.visits * 1.0
            / sum(visits.visits) over (partition by spend.day, spend.utm_source),
            1
        ) as total_spend
    from spend
    left join visits
        on spend.day = visits.day
        and spend.utm_source = visits.utm_source
),

-- By the day of the session, not of the order: that is the day whose spend bought it.
credit as (
    select
        day,
        utm_source,
        dataset,
        sum(linear_points) as attribution_points,
        sum(linear_revenue) as attribution_revenue
    from {{ ref('attribution_touches') }}
    group by day, utm_source, dataset
),

both_sides as (
    select
        coalesce(shared.day, credit.day) as day,
        coalesce(shared.utm_source, credit.utm_source) as utm_source,
        coalesce(shared.dataset, credit.dataset) as dataset,
        coalesce(shared.total_spend, 0) as total_spend,
        coalesce(credit.attribution_points, 0) as attribution_points,
        coalesce(credit.attribution_revenue, 0) as attribution_revenue
    from shared
    full outer join credit
        on shared.day = credit.day
        and shared.utm_source = credit.utm_source
        and shared.dataset = credit.dataset
)

select
    *,
    nullif(total_spend, 0) / nullif(attribution_points, 0) as cost_per_acquisition,
    nullif(attribution_revenue, 0) / nullif(total_spend, 0) as return_on_advertising_spend
from both_sides
