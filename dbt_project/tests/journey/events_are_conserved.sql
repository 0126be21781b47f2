{{ config(tags=['whole']) }}

-- Events that count are as many in sessions and in journeys, and visitors as many everywhere.
with counted as (
    select
        (select count(*) from {{ ref('stg_events') }}) as events,
        (select sum(events) from {{ ref('int_sessions') }}) as events_in_sessions,
        (select sum(events) from {{ ref('fct_user_journeys') }}) as events_in_journeys,
        (select count(*) from {{ ref('int_sessions') }}) as sessions,
        (select sum(sessions) from {{ ref('fct_user_journeys') }}) as sessions_in_journeys,
        (select count(distinct user_pseudo_id) from {{ ref('stg_events') }}) as visitors,
        (select count(*) from {{ ref('fct_user_journeys') }}) as journeys,
        (select count(*) from {{ ref('dim_users') }} where is_visitor) as visitors_known,
        (select count(*) from {{ ref('stg_backend_users') }}) as customers,
        (select count(*) from {{ ref('dim_users') }} where is_customer) as customers_known
)

select * from counted
where
    events <> events_in_sessions
    or events <> events_in_journeys
    or sessions <> sessions_in_journeys
    or visitors <> journeys
    or visitors <> visitors_known
    or customers <> customers_known
