"""What the dashboards have in common; the queries of each are in its page.

``period`` has the range of dates, ``stored`` aggregates over tables that have no models.
"""
