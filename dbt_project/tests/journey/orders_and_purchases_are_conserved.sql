{{ config(tags=['whole']) }}

-- Every order and every purchase that counts is in the reconciliation once, to the cent.
with counted as (
    select
        (select count(*) from {{ ref('stg_backend_orders') }}) as orders,
        (select count(order_id) from {{ ref('fct_reconciliation') }}) as orders_found,
        (select sum(total_cents) from {{ ref('stg_backend_orders') }}) as cents,
        (select sum(backend_cents) from {{ ref('fct_reconciliation') }}) as cents_found,
        (select count(*) from {{ ref('stg_events') }} where event_name = 'purchase') as purchases,
        (
            select count(*) from {{ ref('fct_reconciliation') }} where record_key not like 'order|%'
        ) as purchases_found,
        (
            select sum(reported_cents) from {{ ref('stg_events') }} where event_name = 'purchase'
        ) as revenue,
        (select sum(ga4_cents) from {{ ref('fct_reconciliation') }}) as revenue_found
)

select * from counted
where
    orders <> orders_found
    or coalesce(cents, 0) <> coalesce(cents_found, 0)
    or purchases <> purchases_found
    or coalesce(revenue, 0) <> coalesce(revenue_found, 0)
