{{ config(materialized='view', tags='whole') }}

-- One row an identifier of a record; those that a record lacks are left out.
{%- for table, (key, identifiers) in record_sources().items() %}
{%- set outer = loop %}
{%- for kind in identifiers %}
select
    source,
    record_id,
    '{{ kind }}' as identifier_type,
    {{ kind }} as identifier_value,
    {{ kind }}_normalised as normalised_value
from {{ ref('stg_' ~ table) }}
where {{ kind }} is not null
{{ 'union all' if not (outer.last and loop.last) }}
{%- endfor %}
{%- endfor %}
