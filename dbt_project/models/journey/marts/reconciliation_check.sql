{{ config(materialized='table', tags=['whole', 'marts']) }}

-- What the reconciliation found, held against the answer sheet: a row a class.
with found as (
    select record_key, reconciliation_class as gap_class
    from {{ ref('fct_reconciliation') }}
    where reconciliation_class <> 'matched'
),

planted as (
    select record_key, gap_class from {{ landed(source('journey', 'journey_gaps')) }}
),

both_sides as (
    select gap_class, 1 as is_planted, 0 as is_found, 0 as is_correct from planted
    union all
    select gap_class, 0 as is_planted, 1 as is_found, 0 as is_correct from found
    union all
    select found.gap_class, 0 as is_planted, 0 as is_found, 1 as is_correct
    from found
    inner join planted
        on found.record_key = planted.record_key and found.gap_class = planted.gap_class
)

select
    gap_class,
    {{ whole_sum('is_planted') }} as planted,
    {{ whole_sum('is_found') }} as found,
    {{ whole_sum('is_correct') }} as correct,
    1.0 * sum(is_correct) / nullif(sum(is_found), 0) as precision_of_class,
    1.0 * sum(is_correct) / nullif(sum(is_planted), 0) as recall_of_class
from both_sides
group by gap_class
