{{ config(materialized='table', tags=['whole', 'marts']) }}

-- The domain's `reconcile` module says the same in Python, and a test compares the two with what
-- was planted.
with purchases as (
    select
        *,
        {{ is_usable('transaction_id') }} as is_usable,
        row_number() over (
            partition by
                user_pseudo_id, case when {{ is_usable('transaction_id') }} then transaction_id end
            order by
                day, event_timestamp, user_first_touch_timestamp nulls last,
                revenue_cents nulls last, tax_cents nulls last, event_key
        ) as nth,
        row_number() over (
            partition by
                user_pseudo_id, event_timestamp,
                case when {{ is_usable('transaction_id') }} then 1 else 0 end
            order by
                revenue_cents nulls last, tax_cents nulls last, {{ hashed(['transaction_id']) }},
                event_key
        ) as nth_at_once
    from {{ ref('stg_events') }}
    where event_name = 'purchase'
),

orders as (
    select
        orders.*,
        users.user_pseudo_id,
        coalesce(users.is_test, false) or orders.is_test as is_tried,
        case
            when orders.transaction_id is null then 1
            else row_number() over (
                partition by orders.user_id, orders.transaction_id
                order by orders.created_at, orders.order_id
            )
        end as nth
    from {{ ref('stg_backend_orders') }} as orders
    left join {{ ref('stg_backend_users') }} as users on orders.user_id = users.user_id
),

transactions as (
    select
        purchases.user_pseudo_id,
        purchases.transaction_id,
        purchases.day,
        purchases.event_at,
        purchases.reported_cents as ga4_cents,
        orders.user_id,
        orders.order_id,
        orders.total_cents as backend_cents,
        orders.status,
        coalesce(
            {{ micros_of('orders.created_at') }} - purchases.event_timestamp
            > {{ (var('grace_days') | int) * 86400000000 }}, false
        ) as came_late
    from purchases
    left join orders
        on purchases.user_pseudo_id = orders.user_pseudo_id
        and purchases.transaction_id = orders.transaction_id
        and orders.nth = 1
        and not orders.is_tried
    where purchases.is_usable and purchases.nth = 1
),

rows_of_all as (
    select
        concat('transaction|', user_pseudo_id, '|', transaction_id) as record_key,
        day,
        case
            when order_id is null or came_late then 'ga4_only'
            when status in ('refunded', 'cancelled') then 'status_differs'
            -- A revenue that was not told differs from nothing.
            when ga4_cents <> backend_cents then 'amount_differs'
            else 'matched'
        end as reconciliation_class,
        user_pseudo_id,
        user_id,
        transaction_id,
        order_id,
        ga4_cents,
        backend_cents,
        came_late
    from transactions

    union all

    select
        case
            when is_usable
                then concat('event|', user_pseudo_id, '|', transaction_id, '|', {{ as_text('nth') }})
            else concat(
                'unusable|', user_pseudo_id, '|', {{ as_text('event_timestamp') }}, '|',
                {{ as_text('nth_at_once') }}
            )
        end as record_key,
        day,
        case when is_usable then 'duplicate' else 'unusable_id' end as reconciliation_class,
        user_pseudo_id,
        cast(null as {{ type_here('bigint') }}) as user_id,
        transaction_id,
        cast(null as {{ type_here('bigint') }}) as order_id,
        reported_cents as ga4_cents,
        cast(null as {{ type_here('bigint') }}) as backend_cents,
        false as came_late
    from purchases
    where not is_usable or nth > 1

    union all

    select
        concat('order|', {{ as_text('orders.order_id') }}) as record_key,
        cast(orders.created_at as date) as day,
        case
            when orders.is_tried then 'test'
            when orders.nth > 1 then 'duplicate'
            else 'backend_only'
        end as reconciliation_class,
        orders.user_pseudo_id,
        orders.user_id,
        orders.transaction_id,
        orders.order_id,
        cast(null as {{ type_here('bigint') }}) as ga4_cents,
        orders.total_cents as backend_cents,
        false as came_late
    from orders
    left join transactions on orders.order_id = transactions.order_id
    where transactions.order_id is null
)

select
    *,
    coalesce(backend_cents, 0) - coalesce(ga4_cents, backend_cents, 0) as delta_cents
from rows_of_all
