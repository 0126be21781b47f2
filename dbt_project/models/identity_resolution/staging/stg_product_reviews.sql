{{ config(materialized='table', tags='whole') }}

{{ staged('product_reviews') }}
