"""The online jaffle shop: customers, orders, payments, marketing sessions and ads, day by day.

``scenario`` has the settings, ``calendar`` the rows of each day, ``model`` the customers' journeys.
``anomalies`` says which rows are corrupted, ``attribution`` checks orders against sessions.
``tables`` has one module for each table, or for each group of tables with the same schema.
"""
