{{ config(materialized='table', tags=['whole', 'marketing', 'finance']) }}

with touches as (
    select
        *,
        row_number() over (
            partition by dataset, order_id order by started_at, session_id
        ) as session_index,
        count(*) over (partition by dataset, order_id) as total_sessions
    from {{ ref('order_touches') }}
),

weights as (
    select
        *,
        1.0 / total_sessions as linear_weight,
        case when session_index = 1 then 1.0 else 0.0 end as first_touch_weight,
        case when session_index = total_sessions then 1.0 else 0.0 end as last_touch_weight,
        -- Where there is no middle, first and last share what it would get.
        case
            when total_sessions <= 2 then 1.0 / total_sessions
            when session_index in (1, total_sessions) then 0.4
            else 0.2 / (total_sessions - 2)
        end as forty_twenty_forty_weight,
        -- Each step back from the order weighs 0.7 of the one after it.
        power(0.7, total_sessions - session_index)
        / sum(power(0.7, total_sessions - session_index)) over (partition by dataset, order_id)
            as time_decay_weight
    from touches
)

select
    dataset,
    customer_id,
    order_id,
    converted_at,
    revenue,
    session_id,
    started_at as session_date,
    day,
    utm_source,
    utm_medium,
    utm_campain,
    seconds_before / 86400.0 as days_before_conversion,
    seconds_before / 3600.0 as hours_before_conversion,
    session_index,
    total_sessions,
    -- A conversion is one point, so a session's share of it is the weight itself.
    {%- for model in attribution_models() %}
    {{ model }}_weight,
    revenue * {{ model }}_weight as {{ model }}_revenue,
    {{ model }}_weight as {{ model }}_points{{ ',' if not loop.last }}
    {%- endfor %}
from weights
