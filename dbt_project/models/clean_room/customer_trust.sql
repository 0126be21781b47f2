{{ config(materialized='table', tags='whole') }}

{% call(suffix) of_each_split() %}
        select
            p.is_verified_user,
            count(distinct u.id) as number_of_customers
        from {{ merchants('users', suffix) }} as u
        inner join {{ providers('provider_users', suffix) }} as p on u.email = p.email
        group by p.is_verified_user
        having count(distinct u.id) >= {{ var('clean_room_threshold') }}
{% endcall %}
