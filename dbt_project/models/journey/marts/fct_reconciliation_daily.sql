{{ config(materialized='table', tags=['whole', 'marts']) }}

with counted as (
    select
        day,
        {%- for class in reconciliation_classes() %}
        {{ whole_sum("case when reconciliation_class = '" ~ class ~ "' then 1 else 0 end") }}
            as {{ class }},
        {%- endfor %}
        count(
            case
                when reconciliation_class in ('matched', 'ga4_only', 'amount_differs', 'status_differs')
                    then 1
            end
        ) as transactions,
        -- Revenue as the events have it, once for each transaction, lost ids included.
        coalesce(
            {{ whole_sum("case when reconciliation_class <> 'duplicate' then ga4_cents end") }}, 0
        )
            as ga4_cents,
        -- Revenue as the backend has it: good orders of customers, once each.
        coalesce(
            cast(
                sum(
                    case
                        when reconciliation_class in ('matched', 'amount_differs', 'backend_only') then backend_cents
                        when came_late then backend_cents
                    end
                ) as {{ type_here('bigint') }}
            ), 0
        ) as backend_cents
    from {{ ref('fct_reconciliation') }}
    group by day
)

select
    *,
    transactions - matched as unmatched,
    1.0 * matched / nullif(transactions, 0) as match_rate,
    backend_cents - ga4_cents as revenue_delta_cents
from counted
