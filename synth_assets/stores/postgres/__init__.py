"""Partitions as rows of a PostgreSQL database: a schema a domain, a table a table.

``store`` is the store itself; ``address``, ``embedded`` and ``connections`` lead to a server;
``types``, ``ddl`` and ``foreign_keys`` say what a table is there, ``catalog`` what it is found to
be; ``text`` turns rows to what COPY reads and back, ``reading`` scans; ``faults`` turns errors to
words.
"""

from synth_assets.stores.postgres.store import PostgresStore

__all__ = ["PostgresStore"]
