{{ config(materialized='table', tags='whole') }}

with pairs as (
    select distinct campaign_id, individual_id
    from {{ landed(source('identity_graph', 'campaign_exposures')) }}
),

answered as (
    select
        campaign_id,
        individual_id,
        max(case when response_type in ('visit', 'engagement', 'conversion') then 1 else 0 end)
            as went_on,
        max(case when response_type = 'conversion' then 1 else 0 end) as converted,
        min(time_to_conversion_hours) as hours
    from {{ landed(source('identity_graph', 'response_events')) }}
    group by campaign_id, individual_id
),

stages as (
    select
        1 as place,
        'exposed' as stage,
        campaign_id,
        individual_id,
        cast(null as {{ type_here('double') }}) as hours
    from pairs
    union all
    select
        2 as place,
        'responded' as stage,
        campaign_id,
        individual_id,
        cast(null as {{ type_here('double') }}) as hours
    from answered
    union all
    select
        3 as place,
        'visited' as stage,
        campaign_id,
        individual_id,
        cast(null as {{ type_here('double') }}) as hours
    from answered
    where went_on = 1
    union all
    select 4 as place, 'converted' as stage, campaign_id, individual_id, hours
    from answered
    where converted = 1
),

counted as (
    select
        campaign_id,
        place,
        stage,
        count(*) as individuals,
        avg(hours) / 24 as average_days_to_convert
    from stages
    group by campaign_id, place, stage
)

select
    campaign_id,
    place,
    stage,
    individuals,
    cast(individuals as {{ type_here('double') }}) * 100
    / max(individuals) over (partition by campaign_id) as percentage,
    average_days_to_convert
from counted
