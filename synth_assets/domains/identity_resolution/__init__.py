"""A global retailer's customers in seven sources, for testing identity resolution at scale.

``scenario`` has what may be set, ``model`` ties together which sources know whom
(``source_membership``), who a person is (``people``, ``contacts``) and how records and orders are
shared out (``record_frequency``, ``baskets``); ``tables`` has one module a table. ``resolution`` is
the baseline resolver and its scores, ``publishing`` writes plain files.
"""
