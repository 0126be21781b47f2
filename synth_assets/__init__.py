"""Realistic, connected synthetic data as partitioned Dagster assets.

Packages, and the direction that imports may run:
``definitions | cli -> pipelines -> orchestration -> (domains | stores | reports) -> quality ->
(core | randomness)``.
"""

__version__ = "0.1.0"
