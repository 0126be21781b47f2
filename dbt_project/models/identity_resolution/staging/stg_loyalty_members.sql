{{ config(materialized='table', tags='whole') }}

{{ staged('loyalty_members') }}
