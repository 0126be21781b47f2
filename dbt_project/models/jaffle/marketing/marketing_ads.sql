{{ config(materialized='incremental', tags=['daily', 'marketing']) }}

{% for platform in ['google', 'facebook', 'instagram'] %}
select
    ad_id,
    '{{ platform }}' as utm_source,
    date as billed_at,
    cast(date as date) as billed_on,
    utm_medium,
    utm_campain,
    cost,
    day
from {{ landed(source('jaffle', 'stg_' ~ platform ~ '_ads')) }}
where {{ in_days() }}
{{ 'union all' if not loop.last }}
{% endfor %}
