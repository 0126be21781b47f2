"""The merchant's source: a deterministic look-alike of BigQuery's public thelook_ecommerce.

Parts of the model: ``layout`` (which rows belong to which), ``calendar`` (timestamps),
``gazetteer`` and ``postal`` (where people live), ``people`` (who they are), ``catalog`` and
``assortment`` (what is sold and bought), ``parcels`` (from order to return), ``sessions`` (page
views), ``distributions`` (declared shares). ``public`` replaces the look-alike
by copies of the real tables.
"""
