"""The online jaffle shop: customers, orders, payments, marketing sessions and ads, day by day.

``scenario`` has what may be set, ``model`` the calendar that the tables share, ``anomalies`` what
is planted and ``noise`` how; ``tables`` has one module a table (or its twins).
"""
