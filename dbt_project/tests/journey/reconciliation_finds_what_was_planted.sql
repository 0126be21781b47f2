{{ config(tags=['whole']) }}

-- Every record that is not matched is on the answer sheet in the same class, and the reverse.
with found as (
    select record_key, reconciliation_class
    from {{ ref('fct_reconciliation') }}
    where reconciliation_class <> 'matched'
),

planted as (
    select record_key, gap_class from {{ landed(source('journey', 'journey_gaps')) }}
)

select
    coalesce(found.record_key, planted.record_key) as record_key,
    found.reconciliation_class,
    planted.gap_class
from found
full outer join planted on found.record_key = planted.record_key
where coalesce(found.reconciliation_class, '') <> coalesce(planted.gap_class, '')
