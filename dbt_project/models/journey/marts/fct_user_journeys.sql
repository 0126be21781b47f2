{{ config(materialized='table', tags=['whole', 'marts']) }}

-- Every visitor's way: the first time of each step, over all sessions.
with sessions as (
    select
        *,
        row_number() over (partition by user_pseudo_id order by started_at, session_key) as nth
    from {{ ref('int_sessions') }}
),

steps as (
    select
        user_pseudo_id,
        count(*) as sessions,
        min(started_at) as first_visit_at,
        max(ended_at) as last_seen_at,
        min(day) as first_day,
        {{ whole_sum('events') }} as events,
        {{ whole_sum('engagement_msec') }} as engagement_msec,
        min(engaged_at) as engaged_at,
        {%- for step in funnel_steps() %}
        min({{ step }}_at) as {{ step }}_at,
        {%- endfor %}
        min(case when purchase_at is not null then nth end) as sessions_to_purchase
    from sessions
    group by user_pseudo_id
)

select
    steps.user_pseudo_id,
    mapping.user_id,
    steps.first_day,
    steps.first_visit_at,
    steps.engaged_at,
    {%- for step in funnel_steps() %}
    steps.{{ step }}_at,
    {%- endfor %}
    steps.last_seen_at,
    steps.sessions,
    steps.events,
    steps.engagement_msec,
    steps.sessions_to_purchase,
    first_session.source as first_source,
    first_session.medium as first_medium,
    {{ seconds_between('steps.first_visit_at', 'steps.engaged_at') }} as seconds_to_engagement,
    {{ seconds_between('steps.first_visit_at', 'steps.view_item_at') }} as seconds_to_view_item,
    {{ seconds_between('steps.first_visit_at', 'steps.purchase_at') }} as seconds_to_purchase,
    -- Steps are taken out of order, too: then the time between them is below nothing.
    {{ seconds_between('steps.view_item_at', 'steps.add_to_cart_at') }} as seconds_view_to_cart,
    {{ seconds_between('steps.add_to_cart_at', 'steps.begin_checkout_at') }}
        as seconds_cart_to_checkout,
    {{ seconds_between('steps.begin_checkout_at', 'steps.purchase_at') }}
        as seconds_checkout_to_purchase
from steps
inner join sessions as first_session
    on steps.user_pseudo_id = first_session.user_pseudo_id and first_session.nth = 1
left join {{ ref('int_user_mapping') }} as mapping
    on steps.user_pseudo_id = mapping.user_pseudo_id
