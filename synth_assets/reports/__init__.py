"""Gate reports: results written for people, programs and CI systems.

``gate`` holds what a report is; ``page``, ``document`` and ``junit`` turn it into HTML, JSON and
JUnit XML, and ``files`` writes all three. Imports core and quality alone.
"""
