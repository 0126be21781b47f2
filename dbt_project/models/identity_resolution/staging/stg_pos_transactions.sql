{{ config(materialized='table', tags='whole') }}

{{ staged('pos_transactions') }}
