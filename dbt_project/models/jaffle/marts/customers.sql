{{ config(materialized='table', tags=['whole', 'pii', 'sales']) }}

with orders as (
    select
        dataset,
        customer_id,
        min(order_date) as first_order,
        max(order_date) as most_recent_order,
        count(*) as number_of_orders,
        {{ decimal_sum('amount') }} as customer_lifetime_value
    from {{ ref('orders') }}
    group by dataset, customer_id
),

-- Nothing keeps a customer from signing up twice; the first time is the one that counts.
signups as (
    select
        *,
        row_number() over (
            partition by dataset, customer_id order by signup_date, signup_id
        ) as signup_number
    from {{ ref('stg_signups') }}
)

select
    customers.dataset,
    customers.customer_id,
    customers.first_name,
    customers.last_name,
    orders.first_order,
    orders.most_recent_order,
    coalesce(orders.number_of_orders, 0) as number_of_orders,
    coalesce(orders.customer_lifetime_value, 0) as customer_lifetime_value,
    signups.customer_email,
    signups.signup_date
from {{ ref('stg_customers') }} as customers
left join orders
    on customers.dataset = orders.dataset
    and customers.customer_id = orders.customer_id
left join signups
    on customers.dataset = signups.dataset
    and customers.customer_id = signups.customer_id
    and signups.signup_number = 1
