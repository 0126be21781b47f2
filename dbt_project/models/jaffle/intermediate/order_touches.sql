{{ config(materialized='view', tags=['whole', 'marketing']) }}

with orders as (
    select
        *,
        row_number() over (
            partition by dataset, customer_id order by order_date, order_id
        ) as order_number
    from {{ ref('orders') }}
),

pairs as (
    select
        orders.dataset,
        orders.order_id,
        orders.customer_id,
        orders.order_date as converted_at,
        orders.amount as revenue,
        sessions.session_id,
        sessions.started_at,
        sessions.utm_source,
        sessions.utm_medium,
        sessions.utm_campain,
        cast(sessions.started_at as date) as day,
        {{ seconds_between('sessions.started_at', 'orders.order_date') }} as seconds_before
    from orders
    inner join {{ ref('sessions') }} as sessions
        on orders.dataset = sessions.dataset
        and orders.customer_id = sessions.customer_id
        and sessions.started_at < orders.order_date
    -- A customer is won once, by the first order.
    where orders.order_number = 1
)

select * from pairs where seconds_before <= {{ var('conversion_window_days') }} * 86400
