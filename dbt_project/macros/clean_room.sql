{#
    A use case's query over both splits, each of which is a table by itself. The body is called
    with a function that gives a party's table of the split.
#}
{% macro of_each_split() -%}
    {%- for split, suffix in [('training', ''), ('inference', '_inference')] %}
    {{ 'union all' if not loop.first }}
    select '{{ split }}' as split, answer.* from (
        {{ caller(suffix) }}
    ) as answer
    {%- endfor -%}
{%- endmacro %}


{# In brackets, since a source that has not landed comes with an alias of its own. #}
{% macro merchants(table, suffix) -%}
    (select * from {{ landed(source('merchant_provider', table ~ suffix)) }})
{%- endmacro %}

{% macro providers(table, suffix) -%}
    (select * from {{ landed(source('ewallet_provider', table ~ suffix)) }})
{%- endmacro %}
