{{ config(materialized='incremental', tags='daily') }}

{{ both_datasets('raw_customers', ['id as customer_id', 'first_name', 'last_name']) }}
