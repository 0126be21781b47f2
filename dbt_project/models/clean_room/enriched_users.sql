{{ config(materialized='table', tags='whole') }}

{% call(suffix) of_each_split() %}
        select distinct
            p.provider_user_id,
            m.age,
            m.gender,
            m.country as merchant_customer_country,
            m.traffic_source
        from {{ providers('provider_users', suffix) }} as p
        inner join {{ merchants('users', suffix) }} as m on p.email = m.email
{% endcall %}
