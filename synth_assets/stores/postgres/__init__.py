"""Partitions as rows of a PostgreSQL database: one schema per domain, one table per table.

``store`` is the store itself. ``address``, ``embedded`` and ``connections`` connect to a server;
``types``, ``ddl`` and ``foreign_keys`` create tables, ``catalog`` inspects them; ``binary_rows``
encodes rows for COPY, ``scanning`` reads and ``csv_text`` decodes; ``errors`` translates errors
and retries.
"""

from synth_assets.stores.postgres.store import PostgresStore

__all__ = ["PostgresStore"]
