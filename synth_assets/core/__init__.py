"""What a table is: its model, its partitioning, its schema, its scenario, its source of rows.

Not here: random numbers (randomness), checks (quality), anything about one domain, anything that
writes tables (stores), anything that imports dagster (orchestration).
Read in this order: ``model``, ``partitioning``, ``sources``.
"""
