{#
    Sums in types that every client has. Databases add up in wider ones (DuckDB in HUGEINT and
    DECIMAL(38), PostgreSQL in numeric), which pandas, for one, reads as floating point.
#}

{# A sum of whole numbers. #}
{% macro whole_sum(expression) -%}
    cast(sum({{ expression }}) as {{ type_here('bigint') }})
{%- endmacro %}

{# A sum of decimals, such as money, in as many of them as it is counted in. #}
{% macro decimal_sum(expression, scale=2) -%}
    {{ return(adapter.dispatch('decimal_sum')(expression, scale)) }}
{%- endmacro %}

{% macro default__decimal_sum(expression, scale) -%}
    cast(sum({{ expression }}) as {{ type_here('decimal(18, ' ~ scale ~ ')') }})
{%- endmacro %}

{# BigQuery's sum of numeric values is numeric, and a cast there names no scale. #}
{% macro bigquery__decimal_sum(expression, scale) -%}
    round(sum({{ expression }}), {{ scale }})
{%- endmacro %}
