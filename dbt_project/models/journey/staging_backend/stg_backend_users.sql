{{ config(materialized='incremental', alias='stg_users', tags=['daily', 'staging']) }}

select
    user_id,
    user_pseudo_id,
    first_name,
    last_name,
    email,
    email like '%@test.example' as is_test,
    created_at as signed_up_at,
    updated_at,
    day
from {{ landed(source('raw_backend', 'users')) }}
where {{ in_days() }}
