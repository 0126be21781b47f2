{# On each day of this run the model has as many rows as these tables of a source together. #}
{% test keeps_rows(model, source_name, tables) %}
with rows_there as (
    {%- for table in tables %}
    select day from {{ landed(source(source_name, table)) }} where {{ in_days() }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

counted as (
    select day, 1 as here, 0 as there from {{ model }} where {{ in_days() }}
    union all
    select day, 0 as here, 1 as there from rows_there
)

select day, sum(here) as rows_here, sum(there) as rows_there
from counted
group by day
having sum(here) <> sum(there)
{% endtest %}
