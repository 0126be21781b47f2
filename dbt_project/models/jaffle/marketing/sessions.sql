{{ config(materialized='incremental', tags=['daily', 'marketing']) }}

with visits as (
    {% for dataset, suffix in [('training', ''), ('validation', '_validation')] %}
    {%- set last_dataset = loop.last %}
    {% for platform in ['website', 'app'] %}
    select
        '{{ dataset }}' as dataset,
        session_id,
        customer_id,
        started_at,
        ended_at,
        '{{ platform }}' as platform,
        utm_source,
        ad_id,
        day
    from {{ landed(source('jaffle', 'stg_' ~ platform ~ '_sessions' ~ suffix)) }}
    where {{ in_days() }}
    {{ 'union all' if not (loop.last and last_dataset) }}
    {% endfor %}
    {% endfor %}
),

ads as (
    select * from {{ ref('marketing_ads') }} where {{ in_days() }}
)

-- An ad has a row for each day that it is live: by its id alone a visit would meet all of them.
select
    visits.dataset,
    visits.session_id,
    visits.customer_id,
    visits.started_at,
    visits.ended_at,
    visits.platform,
    visits.utm_source,
    ads.utm_medium,
    ads.utm_campain,
    visits.ad_id,
    visits.day
from visits
left join ads
    on visits.ad_id = ads.ad_id
    and visits.utm_source = ads.utm_source
    and cast(visits.started_at as date) = ads.billed_on
    and visits.day = ads.day
