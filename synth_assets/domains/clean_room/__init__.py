"""A data clean room: an e-commerce merchant and an e-wallet provider compare their data.

``scenario`` has the settings, ``model`` the merchant's simulation with its parts in ``source``,
``snapshot`` the part of it that is in the clean room, ``provider`` the provider's data, ``tables``
one module a table. ``analysis_rules`` enforces which queries are allowed, ``use_cases`` has the
queries, and ``account_tier`` trains a model on both parties' tables.
"""
