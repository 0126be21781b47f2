{{ config(materialized='view', tags=['whole', 'finance']) }}

select * from {{ ref('orders') }} where status in ('return_pending', 'returned')
