{{ config(materialized='table', tags=['whole', 'intermediate']) }}

-- The session of every event: as the browser numbered it, or where the number is missing, one
-- that goes on until nothing happens for half an hour.
with numbered as (
    select
        event_key,
        day,
        user_pseudo_id,
        ga_session_id,
        event_timestamp,
        case
            when
                ga_session_id is null
                and event_timestamp - lag(event_timestamp) over (
                    partition by user_pseudo_id, case when ga_session_id is null then 1 else 0 end
                    order by event_timestamp, event_key
                ) <= {{ (var('session_timeout_minutes') | int) * 60000000 }}
                then 0
            else 1
        end as begins
    from {{ ref('stg_events') }}
),

counted as (
    select
        *,
        cast(
            sum(begins) over (
                partition by user_pseudo_id, case when ga_session_id is null then 1 else 0 end
                order by event_timestamp, event_key
                rows between unbounded preceding and current row
            ) as {{ type_here('bigint') }}
        ) as nth
    from numbered
)

select
    event_key,
    day,
    case
        when ga_session_id is null
            then {{ hashed(['user_pseudo_id', "'unnumbered'", 'nth']) }}
        else {{ hashed(['user_pseudo_id', 'ga_session_id']) }}
    end as session_key
from counted
