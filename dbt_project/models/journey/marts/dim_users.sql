{{ config(materialized='table', tags=['whole', 'marts']) }}

-- Everybody once: visitors, customers, and those who are both.
with people as (
    select user_pseudo_id, user_id from {{ ref('int_user_mapping') }}
    union all
    select user_pseudo_id, user_id from {{ ref('stg_backend_users') }} where user_pseudo_id is null
),

orders as (
    select
        user_id,
        count(*) as orders,
        {{ whole_sum("case when status in ('completed', 'pending') then total_cents else 0 end") }}
            as paid_cents,
        min(created_at) as first_order_at,
        max(created_at) as last_order_at
    from {{ ref('stg_backend_orders') }}
    group by user_id
)

select
    coalesce({{ as_text('people.user_id') }}, people.user_pseudo_id) as user_key,
    people.user_pseudo_id,
    people.user_id,
    users.first_name,
    users.last_name,
    users.email,
    users.signed_up_at,
    coalesce(users.is_test, false) as is_test,
    people.user_id is not null as is_customer,
    journeys.user_pseudo_id is not null as is_visitor,
    journeys.first_visit_at,
    journeys.last_seen_at,
    journeys.first_source,
    journeys.first_medium,
    coalesce(journeys.sessions, 0) as sessions,
    coalesce(journeys.events, 0) as events,
    coalesce(orders.orders, 0) as orders,
    coalesce(orders.paid_cents, 0) as paid_cents,
    orders.first_order_at,
    orders.last_order_at
from people
left join {{ ref('stg_backend_users') }} as users on people.user_id = users.user_id
left join {{ ref('fct_user_journeys') }} as journeys
    on people.user_pseudo_id = journeys.user_pseudo_id
left join orders on people.user_id = orders.user_id
