{{ config(materialized='incremental', alias='stg_order_items', tags=['daily', 'staging']) }}

select
    order_item_id,
    order_id,
    item_name,
    quantity,
    price_cents,
    quantity * price_cents as amount_cents,
    created_at,
    updated_at,
    day
from {{ landed(source('raw_backend', 'order_items')) }}
where {{ in_days() }}
