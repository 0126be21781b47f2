"""Realistic, connected synthetic data as partitioned Dagster assets.

Rooms, and the direction arrows may run:
``definitions -> orchestration -> (domains | stores | reports) -> generation``.
"""

__version__ = "0.1.0"
