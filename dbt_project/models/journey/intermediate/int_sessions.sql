{{ config(materialized='table', tags=['whole', 'intermediate']) }}

with events as (
    select
        stg_events.*,
        session_events.session_key,
        case when gclid is not null then 'google' else source end as click_source,
        case when gclid is not null then 'cpc' else medium end as click_medium
    from {{ ref('stg_events') }} as stg_events
    inner join {{ ref('int_session_events') }} as session_events
        on stg_events.event_key = session_events.event_key
        and stg_events.day = session_events.day
),

-- What the first event tells of it that tells anything; the two that begin a session tell nothing.
clicks as (
    select
        session_key,
        click_source,
        click_medium,
        campaign,
        row_number() over (
            partition by session_key order by event_timestamp, event_key
        ) as nth
    from events
    where
        event_name not in ('session_start', 'first_visit')
        and coalesce(click_source, '(direct)') <> '(direct)'
),

gathered as (
    select
        session_key,
        min(user_pseudo_id) as user_pseudo_id,
        min(ga_session_id) as ga_session_id,
        min(ga_session_number) as ga_session_number,
        min(event_at) as started_at,
        max(event_at) as ended_at,
        min(event_timestamp) as started_micros,
        min(day) as day,
        count(*) as events,
        {{ whole_sum("case when event_name = 'page_view' then 1 else 0 end") }} as page_views,
        coalesce({{ whole_sum('engagement_msec') }}, 0) as engagement_msec,
        max(case when session_engaged then 1 else 0 end) = 1 as is_engaged,
        min(case when session_engaged then event_at end) as engaged_at,
        {%- for step in funnel_steps() %}
        min(case when event_name = '{{ step }}' then event_at end) as {{ step }}_at,
        {%- endfor %}
        min(device_category) as device_category,
        min(country) as country
    from events
    group by session_key
),

ordered as (
    select
        gathered.*,
        clicks.click_source as own_source,
        clicks.click_medium as own_medium,
        clicks.campaign as own_campaign,
        row_number() over (
            partition by gathered.user_pseudo_id
            order by gathered.started_micros, gathered.session_key
        ) as nth
    from gathered
    left join clicks on gathered.session_key = clicks.session_key and clicks.nth = 1
),

-- The last session up to this one that came by a click.
looked_back as (
    select
        *,
        max(case when own_source is not null then nth end) over (
            partition by user_pseudo_id order by nth
            rows between unbounded preceding and current row
        ) as last_click
    from ordered
)

select
    here.session_key,
    here.user_pseudo_id,
    here.ga_session_id,
    here.ga_session_number,
    here.started_at,
    here.ended_at,
    here.day,
    here.events,
    here.page_views,
    here.engagement_msec,
    here.is_engaged,
    here.engaged_at,
    {%- for step in funnel_steps() %}
    here.{{ step }}_at,
    {%- endfor %}
    here.device_category,
    here.country,
    coalesce(here.own_source, '(direct)') as own_source,
    coalesce(here.own_medium, '(none)') as own_medium,
    coalesce(click.own_source, '(direct)') as source,
    coalesce(click.own_medium, '(none)') as medium,
    click.own_campaign as campaign
from looked_back as here
left join ordered as click
    on here.user_pseudo_id = click.user_pseudo_id
    and here.last_click = click.nth
    and here.started_micros - click.started_micros
    <= {{ (var('click_window_days') | int) * 86400000000 }}
