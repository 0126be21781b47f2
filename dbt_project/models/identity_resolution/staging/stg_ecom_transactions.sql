{{ config(materialized='table', tags='whole') }}

{{ staged('ecom_transactions') }}
