"""Gate reports: check results as HTML for users, JSON for programs and JUnit XML for CI systems.

``gate`` defines the report; ``html_report``, ``json_report`` and ``junit`` render it, and ``files``
writes all three. Imports core and quality only.
"""
