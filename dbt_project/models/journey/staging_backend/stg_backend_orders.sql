{{ config(materialized='incremental', alias='stg_orders', tags=['daily', 'staging']) }}

select
    order_id,
    user_id,
    transaction_id,
    coalesce(transaction_id like 'TEST-%', false) as is_test,
    channel,
    status,
    items_cents,
    tax_cents,
    shipping_cents,
    adjustment_cents,
    total_cents,
    currency,
    coupon,
    created_at,
    updated_at,
    day
from {{ landed(source('raw_backend', 'orders')) }}
where {{ in_days() }}
