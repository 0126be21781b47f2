{{ config(materialized='table', tags=['whole', 'intermediate']) }}

-- Every browser that the events or the backend know, with the customer behind it.
with visitors as (
    select distinct user_pseudo_id from {{ ref('stg_events') }}
),

customers as (
    select user_id, user_pseudo_id from {{ ref('stg_backend_users') }} where user_pseudo_id is not null
)

select
    coalesce(visitors.user_pseudo_id, customers.user_pseudo_id) as user_pseudo_id,
    customers.user_id,
    visitors.user_pseudo_id is not null as is_visitor
from visitors
full outer join customers on visitors.user_pseudo_id = customers.user_pseudo_id
