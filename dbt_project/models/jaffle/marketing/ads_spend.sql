{{ config(materialized='table', tags=['whole', 'marketing', 'finance']) }}

select
    day,
    utm_source,
    utm_medium,
    utm_campain,
    {{ decimal_sum('cost') }} as spend
from {{ ref('marketing_ads') }}
group by day, utm_source, utm_medium, utm_campain
