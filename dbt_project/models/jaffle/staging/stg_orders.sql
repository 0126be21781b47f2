{{ config(materialized='incremental', tags='daily') }}

{{ both_datasets('raw_orders', [
    'id as order_id',
    'user_id as customer_id',
    'order_date',
    'status',
    'status_updated_at',
]) }}
