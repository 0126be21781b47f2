{{ config(materialized='table', tags='whole') }}

with bars as (
    {%- for least, most in group_size_bars() %}
    select
        {{ least }} as least_records,
        cast({{ most or 'null' }} as {{ dbt.type_int() }}) as most_records
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    groups_of_records.identifier_type,
    bars.least_records,
    bars.most_records,
    count(*) as shared_values,
    {{ whole_sum('groups_of_records.records') }} as records
from {{ ref('shared_identifier_groups') }} as groups_of_records
inner join bars
    on groups_of_records.records >= bars.least_records
    and (bars.most_records is null or groups_of_records.records <= bars.most_records)
group by groups_of_records.identifier_type, bars.least_records, bars.most_records
