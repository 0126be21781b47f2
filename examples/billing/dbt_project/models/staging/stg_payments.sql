-- Successful payments, one row for each invoice.
select
    invoice_id,
    sum(amount_cents) as paid_cents,
    min(paid_at) as first_paid_at
from {{ source('billing', 'payments') }}
where is_successful
group by invoice_id
