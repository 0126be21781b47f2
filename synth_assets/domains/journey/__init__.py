"""The customer journey: what web analytics saw of a shop, and what the shop's backend knows.

``scenario`` has what may be set, ``model`` all sessions of the export with its parts in ``ga4``;
``backend`` is the shop's database and what of it comes to the warehouse, ``reconciliation`` holds
the two against each other; ``tables`` has one module a table.
"""
