select
    invoices.invoice_id,
    invoices.due_date,
    invoices.total_cents - coalesce(payments.paid_cents, 0) as open_cents
from {{ source('billing', 'invoices') }} as invoices
left join {{ ref('stg_payments') }} as payments using (invoice_id)
where coalesce(payments.paid_cents, 0) < invoices.total_cents
