select
    date_trunc('month', subscriptions.started_at) as month,
    subscriptions.plan_code,
    sum(plans.monthly_price * subscriptions.seats) as revenue
from {{ source('billing', 'subscriptions') }} as subscriptions
inner join {{ source('billing', 'plans') }} as plans using (plan_code)
where subscriptions.status in ('active', 'past_due')
group by 1, 2
