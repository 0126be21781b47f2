{{ config(materialized='table', tags='whole') }}

with outcomes as (
    select * from {{ landed(source('identity_graph', 'outcome_metrics')) }}
),

seen as (
    select * from {{ landed(source('identity_graph', 'campaign_exposures')) }}
)

select
    outcomes.campaign_id,
    seen.channel,
    outcomes.attribution_model,
    count(distinct outcomes.exposure_id) as exposures,
    {{ decimal_sum(
        "case when outcomes.conversion_status = 'converted' then outcomes.attribution_weight else 0 end",
        6
    ) }} as conversions,
    {{ decimal_sum('outcomes.revenue') }} as revenue
from outcomes
inner join seen
    on outcomes.exposure_id = seen.exposure_id
group by outcomes.campaign_id, seen.channel, outcomes.attribution_model
