{{ config(materialized='table', tags='whole') }}

{{ staged('survey_responses') }}
