{{ config(materialized='table', tags='whole') }}

{%- for kind, value, reason in excluded_values() %}
{%- set text = "cast('" ~ value ~ "' as " ~ dbt.type_string() ~ ")" %}
select
    '{{ kind }}' as identifier_type,
    {{ text }} as identifier_value,
    {{ normalised(kind, text) }} as normalised_value,
    '{{ reason }}' as reason
{{ 'union all' if not loop.last }}
{%- endfor %}
