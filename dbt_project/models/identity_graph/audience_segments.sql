{{ config(materialized='table', tags='whole') }}

select
    segment_primary,
    behavioral_classification,
    count(*) as individuals,
    avg(propensity_to_convert) as average_propensity,
    {{ decimal_sum('lifetime_value_estimate') }} as lifetime_value
from {{ landed(source('identity_graph', 'audience_attributes')) }}
group by segment_primary, behavioral_classification
