"""The merchant's source: a deterministic look-alike of BigQuery's public thelook_ecommerce.

Parts of the model: ``layout`` (which rows belong to which), ``calendar`` (timestamps),
``gazetteer`` (where people live), ``names`` (what they are called), ``catalog`` (what is sold),
``sessions`` (page views), ``distributions`` (declared shares). ``public`` replaces the look-alike
by copies of the real tables.
"""
