{# Seconds from one timestamp to a later one. #}
{% macro seconds_between(earlier, later) -%}
    {{ return(adapter.dispatch('seconds_between')(earlier, later)) }}
{%- endmacro %}

{% macro default__seconds_between(earlier, later) -%}
    extract(epoch from ({{ later }} - {{ earlier }}))
{%- endmacro %}

{% macro bigquery__seconds_between(earlier, later) -%}
    datetime_diff(cast({{ later }} as datetime), cast({{ earlier }} as datetime), microsecond)
    / 1000000
{%- endmacro %}


{# The moment that is so many microseconds after the beginning of 1970. #}
{% macro moment_of(micros) -%}
    {{ return(adapter.dispatch('moment_of')(micros)) }}
{%- endmacro %}

{% macro duckdb__moment_of(micros) -%}
    make_timestamp({{ micros }})
{%- endmacro %}

{% macro postgres__moment_of(micros) -%}
    timestamp 'epoch' + {{ micros }} * interval '1 microsecond'
{%- endmacro %}

{% macro bigquery__moment_of(micros) -%}
    datetime(timestamp_micros({{ micros }}))
{%- endmacro %}


{# A moment as microseconds since the beginning of 1970. #}
{% macro micros_of(moment) -%}
    {{ return(adapter.dispatch('micros_of')(moment)) }}
{%- endmacro %}

{% macro duckdb__micros_of(moment) -%}
    epoch_us({{ moment }})
{%- endmacro %}

{% macro postgres__micros_of(moment) -%}
    cast(extract(epoch from {{ moment }}) * 1000000 as bigint)
{%- endmacro %}

{% macro bigquery__micros_of(moment) -%}
    unix_micros(timestamp({{ moment }}))
{%- endmacro %}
