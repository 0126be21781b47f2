{# The weights in each of these columns sum to one within every group. #}
{% test weights_sum_to_one(model, columns, per) %}
select
    {{ per }},
    {%- for column in columns %}
    sum({{ column }}) as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ model }}
group by {{ per }}
having
    {%- for column in columns %}
    {{ 'or' if not loop.first }} abs(sum({{ column }}) - 1) > 1e-9
    {%- endfor %}
{% endtest %}
