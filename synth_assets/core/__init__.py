"""What a table is: its model, its partitioning, its schema, its scenario, its source of rows.

Keep out: chance (that is randomness), checks (quality), anything that names one domain, anything
that writes (a store), anything that imports dagster (orchestration).
Read in this order: ``model``, ``partitioning``, ``sources``.
"""
