{{ config(materialized='table', tags='whole') }}

{% call(suffix) of_each_split() %}
        select
            p.account_tier,
            avg(t.transaction_amount) as average_order_value,
            count(distinct u.id) as number_of_customers
        from {{ merchants('users', suffix) }} as u
        inner join {{ providers('provider_users', suffix) }} as p on u.email = p.email
        inner join {{ merchants('orders', suffix) }} as o on u.id = o.user_id
        inner join {{ providers('transactions', suffix) }} as t on o.order_id = t.order_id
        group by p.account_tier
        having count(distinct u.id) >= {{ var('clean_room_threshold') }}
{% endcall %}
