{{ config(materialized='table', tags='whole') }}

{{ staged('mobile_app_users') }}
