{{ config(materialized='incremental', tags='daily') }}

-- Cents become dollars here and nowhere else.
{{ both_datasets('raw_payments', [
    'id as payment_id',
    'order_id',
    'payment_method',
    'cast(amount / 100.0 as decimal(10, 2)) as amount',
]) }}
