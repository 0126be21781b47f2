{{ config(tags=['whole'], meta={'dagster': {'ref': {'name': 'attribution_comparison'}}}) }}

-- Each model shares out all conversions and all revenue of a campaign among its channels.
with by_model as (
    select
        campaign_id,
        attribution_model,
        sum(conversions) as conversions,
        sum(revenue) as revenue
    from {{ ref('attribution_comparison') }}
    group by campaign_id, attribution_model
)

select
    by_model.*,
    campaigns.conversions as wanted_conversions,
    campaigns.revenue as wanted_revenue
from by_model
left join {{ ref('campaign_performance') }} as campaigns
    on by_model.campaign_id = campaigns.campaign_id
where
    campaigns.campaign_id is null
    or by_model.conversions <> campaigns.conversions
    or by_model.revenue <> campaigns.revenue
