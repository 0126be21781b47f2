{{ config(materialized='view', tags=['whole', 'marketing']) }}

-- Sessions belong to training customers, so the orders here do, too.
with orders as (
    select
        *,
        row_number() over (partition by customer_id order by order_date, order_id) as order_number
    from {{ ref('orders') }}
    where dataset = 'training'
),

pairs as (
    select
        orders.order_id,
        orders.order_number,
        orders.customer_id,
        orders.order_date as converted_at,
        orders.amount as revenue,
        sessions.session_id,
        sessions.started_at,
        sessions.utm_source,
        sessions.utm_medium,
        sessions.utm_campain,
        sessions.day,
        {{ seconds_between('sessions.started_at', 'orders.order_date') }} as seconds_before
    from orders
    inner join {{ ref('sessions') }} as sessions
        on orders.customer_id = sessions.customer_id
        and sessions.started_at < orders.order_date
)

select * from pairs where seconds_before <= {{ var('conversion_window_days') }} * 86400
