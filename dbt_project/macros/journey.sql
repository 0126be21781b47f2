{# The steps of the funnel, in order: name, and the event that makes it. #}
{% macro funnel_steps() -%}
    {{ return(['view_item', 'add_to_cart', 'begin_checkout', 'add_shipping_info',
               'add_payment_info', 'purchase']) }}
{%- endmacro %}


{# Whether an id tells transactions apart: not null, blank, or a placeholder. #}
{% macro is_usable(transaction_id) -%}
    coalesce(trim({{ transaction_id }}, concat(' ', chr(9), chr(10), chr(13))), '')
    not in ('', '(not set)')
{%- endmacro %}


{# Dollars as whole cents; databases would round halves each in a way of their own. #}
{% macro cents_of(dollars) -%}
    {{ return('cast(floor(' ~ dollars ~ ' * 100 + 0.5) as ' ~ type_here('bigint') ~ ')') }}
{%- endmacro %}


{# The classes of a reconciliation, as the domain's `discrepancies` module has them. #}
{% macro reconciliation_classes() -%}
    {{ return(['matched', 'ga4_only', 'backend_only', 'amount_differs', 'status_differs', 'test',
               'duplicate', 'unusable_id']) }}
{%- endmacro %}


{# Text of a number. #}
{% macro as_text(value) -%}
    cast({{ value }} as {{ type_here('varchar') }})
{%- endmacro %}
