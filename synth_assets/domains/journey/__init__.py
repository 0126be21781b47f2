"""The customer journey: a shop's web analytics events, and the records of its backend.

``scenario`` has the settings, ``model`` all sessions of the export, with its parts in ``ga4``.
``backend`` is the shop's database, ``reconciliation`` compares it with the events. ``tables`` has
one module for each table, and one for the warehouse's copies of the database.
"""
