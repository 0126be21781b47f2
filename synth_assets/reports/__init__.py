"""Gate reports: verdicts written for people, programs and CI systems.

``gate`` holds what a report is and writes it; ``page``, ``document`` and ``junit`` turn it into
HTML, JSON and JUnit XML. Imports generation only.
"""
