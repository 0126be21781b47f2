"""The merchant's source: a deterministic look-alike of BigQuery's public thelook_ecommerce.

``merchant`` knows what the tables share, with ``layout`` (which rows belong together),
``calendar`` (when things happen) and ``gazetteer`` (where people live); every other module is
one table.
"""
