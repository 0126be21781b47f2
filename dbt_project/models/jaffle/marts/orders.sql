{{ config(materialized='incremental', tags=['daily', 'finance']) }}

with orders as (
    select * from {{ ref('stg_orders') }} where {{ in_days() }}
),

-- The sum has no case: a payment by a method that we do not know yet still pays for the order.
payments as (
    select
        dataset,
        order_id,
        day,
        {%- for method in payment_methods() %}
        {{ decimal_sum("case when payment_method = '" ~ method ~ "' then amount else 0 end") }}
            as {{ method }}_amount,
        {%- endfor %}
        {{ decimal_sum('amount') }} as amount
    from {{ ref('stg_payments') }}
    where {{ in_days() }}
    group by dataset, order_id, day
)

select
    orders.dataset,
    orders.order_id,
    orders.customer_id,
    orders.order_date,
    orders.status,
    orders.status_updated_at,
    {%- for method in payment_methods() %}
    coalesce(payments.{{ method }}_amount, 0) as {{ method }}_amount,
    {%- endfor %}
    coalesce(payments.amount, 0) as amount,
    orders.day
from orders
left join payments
    on orders.dataset = payments.dataset
    and orders.order_id = payments.order_id
    and orders.day = payments.day
