{#
    Columns in columns: structs and lists of them. DuckDB and BigQuery have both; PostgreSQL has
    `jsonb`, from which values come as text. Types are called as the sources call them.
#}

{# A field of a struct. #}
{% macro struct_field(column, field, data_type='varchar') -%}
    {{ return(adapter.dispatch('struct_field')(column, field, data_type)) }}
{%- endmacro %}

{% macro default__struct_field(column, field, data_type) -%}
    {{ return(column ~ '.' ~ field) }}
{%- endmacro %}

{% macro postgres__struct_field(column, field, data_type) -%}
    {{ return('(' ~ column ~ " ->> '" ~ field ~ "')::" ~ type_here(data_type)) }}
{%- endmacro %}


{# The value of an event's parameter, from the field of its type; null where it has none. #}
{% macro event_param(key, field='string_value', data_type='varchar') -%}
    {{ return(adapter.dispatch('event_param')(key, field, data_type)) }}
{%- endmacro %}

{% macro duckdb__event_param(key, field, data_type) -%}
    {{ return("list_filter(event_params, lambda p: p.key = '" ~ key ~ "')[1].value." ~ field) }}
{%- endmacro %}

{% macro bigquery__event_param(key, field, data_type) -%}
    (select p.value.{{ field }} from unnest(event_params) as p where p.key = '{{ key }}' limit 1)
{%- endmacro %}

{% macro postgres__event_param(key, field, data_type) -%}
    (
        select (p.entry -> 'value' ->> '{{ field }}')::{{ type_here(data_type) }}
        from jsonb_array_elements(event_params) as p (entry)
        where p.entry ->> 'key' = '{{ key }}'
        limit 1
    )
{%- endmacro %}


{# All of a nested column as text, the same for values that are. #}
{% macro nested_text(column) -%}
    {{ return(adapter.dispatch('nested_text')(column)) }}
{%- endmacro %}

{% macro duckdb__nested_text(column) -%}
    {{ return('cast(' ~ column ~ ' as varchar)') }}
{%- endmacro %}

{% macro postgres__nested_text(column) -%}
    {{ return(column ~ '::text') }}
{%- endmacro %}

{% macro bigquery__nested_text(column) -%}
    {{ return('to_json_string(' ~ column ~ ')') }}
{%- endmacro %}


{# A hash of several values, nulls included, as 32 hexadecimal digits. #}
{% macro hashed(values) -%}
    {%- set parts = [] -%}
    {%- for value in values -%}
        {%- do parts.append("coalesce(cast(" ~ value ~ " as " ~ type_here('varchar') ~ "), '~')") -%}
    {%- endfor -%}
    {{ return(adapter.dispatch('md5_of')(parts | join(" || '|' || "))) }}
{%- endmacro %}

{% macro default__md5_of(text) -%}
    {{ return('md5(' ~ text ~ ')') }}
{%- endmacro %}

{% macro bigquery__md5_of(text) -%}
    {{ return('to_hex(md5(' ~ text ~ '))') }}
{%- endmacro %}
