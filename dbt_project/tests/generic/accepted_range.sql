{# Values that are not null lie between `min` and `max`, both included; either may be left out. #}
{% test accepted_range(model, column_name, min=none, max=none) %}
select * from {{ model }}
where false
    {%- if min is not none %}
    or {{ column_name }} < {{ min }}
    {%- endif %}
    {%- if max is not none %}
    or {{ column_name }} > {{ max }}
    {%- endif %}
{% endtest %}
