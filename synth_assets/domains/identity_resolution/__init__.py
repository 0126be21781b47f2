"""A global retailer's customers in seven sources, for testing identity resolution at scale.

``scenario`` has the settings and ``model`` the simulation's state: which sources know a person
(``source_membership``), who a person is (``people``, ``email_addresses``, ``phone_numbers``), how
records are assigned to persons (``record_frequency``) and orders to rows (``order_layout``), and
what is sold (``catalog``). ``tables`` has one module per table. ``resolution`` is the baseline
resolver and its scores; ``publishing`` writes plain files.
"""
