{#
    A raw table of the shop from both of its data sets, with the column `dataset`. `columns` are
    select expressions; naming them keeps the two halves of the union aligned.
#}
{% macro both_datasets(table, columns) -%}
    {%- for dataset in ['training', 'validation'] %}
select
    '{{ dataset }}' as dataset,
        {%- for column in columns %}
    {{ column }},
        {%- endfor %}
    day
from {{ landed(source('jaffle', table ~ '_' ~ dataset)) }}
where {{ in_days() }}
{{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{# The methods that an order's amount is broken down by. #}
{% macro payment_methods() -%}
    {{ return(['credit_card', 'coupon', 'bank_transfer', 'gift_card']) }}
{%- endmacro %}


{# The ways in which a conversion's credit is shared among the sessions before it. #}
{% macro attribution_models() -%}
    {{ return(['linear', 'first_touch', 'last_touch', 'forty_twenty_forty', 'time_decay']) }}
{%- endmacro %}
