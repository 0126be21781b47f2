{{ config(materialized='table', tags=['whole', 'marketing', 'finance']) }}

select
    billed_on as day,
    utm_source,
    utm_medium,
    utm_campain,
    {{ decimal_sum('cost') }} as spend
from {{ ref('marketing_ads') }}
group by billed_on, utm_source, utm_medium, utm_campain
