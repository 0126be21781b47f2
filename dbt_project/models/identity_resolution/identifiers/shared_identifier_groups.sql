{{ config(materialized='table', tags='whole') }}

-- Values that identify somebody, and that several records have.
select
    identifier_type,
    normalised_value,
    count(*) as records,
    count(distinct source) as sources,
    count(*) > {{ var('max_group_size') }} as over_max_group_size
from {{ ref('identifiers') }} as identifiers
where not exists (
    select 1
    from {{ ref('excluded_identifiers') }} as excluded
    where excluded.identifier_type = identifiers.identifier_type
        and excluded.normalised_value = identifiers.normalised_value
)
group by identifier_type, normalised_value
having count(*) > 1
