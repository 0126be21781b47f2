"""Dagster definitions of the tables; only the command line and ``pipelines`` import them.

``build`` assembles; ``assets``, ``checks``, ``schedules`` and ``dbt`` derive definitions from
domains; ``io_manager`` passes partitions to the store; ``runs`` launches a selection from Python.
Nothing here knows a domain by name; an import contract checks that.
"""
