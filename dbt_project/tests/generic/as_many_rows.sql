{# The model has as many rows as another relation. #}
{% test as_many_rows(model, to) %}
select here.number_of_rows as rows_here, there.number_of_rows as rows_there
from (select count(*) as number_of_rows from {{ model }}) as here
cross join (
    select count(*) as number_of_rows from {{ landed(to) if is_source(to) else to }}
) as there
where here.number_of_rows <> there.number_of_rows
{% endtest %}
