{{ config(materialized='table', tags='whole') }}

{{ staged('crm_customers') }}
