{{ config(materialized='table', tags='whole') }}

{% call(suffix) of_each_split() %}
        select distinct m.order_id
        from {{ merchants('orders', suffix) }} as m
        inner join {{ providers('transactions', suffix) }} as p on m.order_id = p.order_id
{% endcall %}
