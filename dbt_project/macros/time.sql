{# Seconds from one timestamp to a later one. #}
{% macro seconds_between(earlier, later) -%}
    {{ return(adapter.dispatch('seconds_between')(earlier, later)) }}
{%- endmacro %}

{% macro default__seconds_between(earlier, later) -%}
    extract(epoch from ({{ later }} - {{ earlier }}))
{%- endmacro %}

{% macro bigquery__seconds_between(earlier, later) -%}
    datetime_diff(cast({{ later }} as datetime), cast({{ earlier }} as datetime), second)
{%- endmacro %}
