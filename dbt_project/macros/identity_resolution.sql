{#
    The sources of customer records: the column of their ids, and the column of each identifier.
    The domain's `identifiers` module says the same in Python; a test compares the two.
#}
{% macro record_sources() -%}
    {{ return({
        'crm_customers': ('customer_id', {
            'email': 'email', 'phone': 'phone', 'loyalty_id': 'loyalty_id',
        }),
        'ecom_transactions': ('transaction_id', {
            'email': 'email', 'phone': 'phone', 'payment_token': 'payment_token',
            'address_hash': 'shipping_address_hash',
        }),
        'loyalty_members': ('member_id', {
            'email': 'email', 'phone': 'phone', 'loyalty_id': 'loyalty_id',
        }),
        'mobile_app_users': ('app_user_id', {
            'email': 'email', 'phone': 'phone', 'device_id': 'device_id',
        }),
        'pos_transactions': ('pos_transaction_id', {
            'loyalty_id': 'loyalty_id', 'payment_token': 'payment_token',
        }),
        'survey_responses': ('response_id', {'email': 'email'}),
        'product_reviews': ('review_id', {'email': 'reviewer_email'}),
    }) }}
{%- endmacro %}


{# Values that stand for nothing: type, value as people write it, and why. #}
{% macro excluded_values() -%}
    {{ return([
        ('email', 'noreply@company.com', 'mailbox that nobody reads'),
        ('email', 'test@test.com', 'entered by testers'),
        ('phone', '0000000000', 'entered where a number was demanded'),
        ('phone', '000-00-0000', 'entered where a number was demanded'),
    ]) }}
{%- endmacro %}


{# A source's records with each of their identifiers, as it is and normalised. #}
{% macro staged(table) -%}
{%- set key, identifiers = record_sources()[table] -%}
select
    '{{ table }}' as source,
    {{ key }} as record_id,
    {%- for kind, column in identifiers.items() %}
    {{ column }} as {{ kind }},
    {{ normalised(kind, column) }} as {{ kind }}_normalised{{ ',' if not loop.last }}
    {%- endfor %}
from {{ landed(source('identity_resolution', table)) }}
{%- endmacro %}


{# The value of an identifier in the one form that all its spellings share. #}
{% macro normalised(kind, value) -%}
    {%- if kind == 'email' -%}
        {{ return(normalised_email(value)) }}
    {%- elif kind == 'phone' -%}
        {# Formats differ in what precedes the last nine digits, and no two lines share these. #}
        {{ return('right(' ~ digits(value) ~ ', 9)') }}
    {%- endif -%}
    {{ return(value) }}
{%- endmacro %}


{# Lower case, without a tag and, at the one provider that ignores them, without dots. #}
{% macro normalised_email(value) -%}
    {%- set plain = "regexp_replace(lower(" ~ value ~ "), '[+][^@]*@', '@')" -%}
    {%- set name = "left(" ~ plain ~ ", length(" ~ plain ~ ") - length('@gmail.com'))" -%}
    case
        when {{ plain }} like '%@gmail.com' then concat(replace({{ name }}, '.', ''), '@gmail.com')
        else {{ plain }}
    end
{%- endmacro %}


{# The digits of a text alone. #}
{% macro digits(value) -%}
    {{ return(adapter.dispatch('digits')(value)) }}
{%- endmacro %}

{% macro default__digits(value) -%}
    {{ return("regexp_replace(" ~ value ~ ", '[^0-9]', '', 'g')") }}
{%- endmacro %}

{# BigQuery replaces every match, and knows no flags. #}
{% macro bigquery__digits(value) -%}
    {{ return("regexp_replace(" ~ value ~ ", '[^0-9]', '')") }}
{%- endmacro %}


{# Least and most records of the bars of the histogram of groups; the last has no end. #}
{% macro group_size_bars() -%}
    {{ return([(2, 2), (3, 5), (6, 10), (11, 100), (101, 1000), (1001, 5000), (5001, none)]) }}
{%- endmacro %}
