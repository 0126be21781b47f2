{{ config(materialized='table', tags='whole') }}

with campaigns as (
    select * from {{ landed(source('identity_graph', 'campaigns')) }}
),

seen as (
    select
        campaign_id,
        count(*) as impressions,
        count(distinct individual_id) as reach,
        {{ decimal_sum('cost', 4) }} as spend
    from {{ landed(source('identity_graph', 'campaign_exposures')) }}
    group by campaign_id
),

answered as (
    select
        campaign_id,
        count(*) as responses,
        count(case when response_type = 'conversion' then 1 end) as conversions,
        {{ decimal_sum('value') }} as revenue
    from {{ landed(source('identity_graph', 'response_events')) }}
    group by campaign_id
),

counted as (
    select
        campaigns.campaign_id,
        campaigns.campaign_name,
        campaigns.goal,
        campaigns.start_date,
        campaigns.end_date,
        campaigns.budget,
        coalesce(seen.impressions, 0) as impressions,
        coalesce(seen.reach, 0) as reach,
        coalesce(seen.spend, 0) as spend,
        coalesce(answered.responses, 0) as responses,
        coalesce(answered.conversions, 0) as conversions,
        coalesce(answered.revenue, 0) as revenue
    from campaigns
    left join seen on campaigns.campaign_id = seen.campaign_id
    left join answered on campaigns.campaign_id = answered.campaign_id
)

select
    counted.*,
    cast(revenue as {{ type_here('double') }})
    / cast(nullif(spend, 0) as {{ type_here('double') }}) as roas,
    cast(spend as {{ type_here('double') }}) * 1000 / nullif(impressions, 0) as cpm
from counted
