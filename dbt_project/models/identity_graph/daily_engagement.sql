{{ config(materialized='table', tags='whole') }}

with events as (
    select * from {{ landed(source('identity_graph', 'content_engagements')) }}
)

select
    cast(events.timestamp as date) as day,
    events.content_category,
    count(*) as engagements,
    count(distinct events.individual_id) as individuals,
    count(case when events.engagement_type = 'view' then 1 end) as views,
    count(case when events.engagement_type = 'click' then 1 end) as clicks,
    cast(avg(events.duration_seconds) as {{ type_here('double') }}) as average_view_seconds
from events
group by 1, 2
