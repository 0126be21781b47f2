"""How tables meet Dagster. Besides the command line and ``pipelines`` nothing else imports it.

``build`` assembles; ``assets``, ``checks``, ``schedules`` and ``dbt`` derive definitions from
domains; ``io_manager`` hands partitions to the store; ``runs`` launches a selection from Python.
Nothing here knows a domain by name, which a contract holds.
"""
