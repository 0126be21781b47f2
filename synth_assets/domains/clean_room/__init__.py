"""A data clean room: an e-commerce merchant and an e-wallet provider compare what they know.

``scenario`` has what may be set, ``model`` the merchant's simulation with its parts in ``source``,
``snapshot`` what of it is in the clean room, ``provider`` what the provider knows, ``tables`` one
module a table. ``analysis_rules`` enforces what may be asked, ``use_cases`` asks it;
``account_tier`` learns from both parties' tables.
"""
