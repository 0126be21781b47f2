"""Gate reports: check results as HTML for users, JSON for programs and JUnit XML for CI systems.

``gate`` defines the report; ``html_report``, ``json_report`` and ``junit`` render it; ``files``
writes and publishes it, and ``history`` keeps the counts of earlier reports. For the pages,
``distributions``, ``diagram`` and ``partition_strip`` compute what is drawn, ``links`` has the
addresses and ``formatting`` the texts. ``alerts`` has the messages for webhooks. Imports core and
quality only.
"""
