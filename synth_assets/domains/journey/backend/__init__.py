"""The shop's backend: customers, orders and order items, derived from the purchase events.

``transactions`` finds the transactions among the events. ``discrepancies`` decides which of them
differ in the backend, and why. ``orders`` has all orders, ``records`` the customers and items, and
``ground_truth`` the planted discrepancies; ``stored_records`` reads the stored purchases for them.
The tables are in ``tables``; the first three are in a PostgreSQL database, from where
``tables.extracts`` copies them to the warehouse.
"""
