{{ config(materialized='view', tags=['whole', 'finance']) }}

select * from {{ ref('orders') }} where status in ('shipped', 'return_pending', 'lost')
