{{ config(materialized='incremental', tags='daily') }}

{{ both_datasets('raw_signups', [
    'id as signup_id',
    'user_id as customer_id',
    'user_email as customer_email',
    'hashed_password',
    'signup_date',
]) }}
