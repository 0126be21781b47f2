"""The shop's backend: customers, orders and their items, made of the transactions in the events.

``purchases`` are the events that say who bought what; ``books`` makes everything else of them;
``fates`` says which transactions the backend knows otherwise, or not at all. ``customers``,
``orders``, ``order_items`` and ``gaps`` are the tables, the first three in a PostgreSQL database,
from where ``ingested`` takes them to the warehouse.
"""
