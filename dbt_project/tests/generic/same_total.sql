{#
    For every `per` of the model, the column adds up to what `field` does in `to`, to the cent.
    `among` is a condition on the rows of `to`.
#}
{% test same_total(model, column_name, to, field, per, among='true') %}
with here as (
    select {{ per }}, sum({{ column_name }}) as total
    from {{ model }}
    group by {{ per }}
),

there as (
    select {{ per }}, sum({{ field }}) as total
    from {{ to }}
    where {{ among }}
    group by {{ per }}
)

select here.{{ per }}, here.total as total_here, there.total as total_there
from here
left join there on here.{{ per }} = there.{{ per }}
where abs(coalesce(here.total, 0) - coalesce(there.total, 0)) >= 0.005
{% endtest %}
