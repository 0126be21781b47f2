"""Hashed e-mail addresses, on which the parties' tables can be joined without showing addresses.

``hashed_email`` is the SHA-256 of the address in lower case and a salt, in base64. The salt is a
secret of the parties: it is read from the environment and stored nowhere.
"""

from __future__ import annotations

import os
from base64 import b64encode
from dataclasses import replace
from functools import wraps
from hashlib import sha256

import dataframely as dy
import polars as pl

from synth_assets.core.errors import UserError
from synth_assets.core.model import Check, Table, TableView
from synth_assets.core.schema import pii
from synth_assets.core.sources import Derived, derived
from synth_assets.quality.building import row_check

SALT = "SYNTH_CLEAN_ROOM_EMAIL_SALT"


def hashed(table: Table) -> Table:
    """A table with the column ``hashed_email`` added.

    Args:
        table: A derived table with a column ``email``.
    """
    plain = derived(table).derive

    class Hashed(table.schema):  # type: ignore[misc,name-defined]
        hashed_email = dy.String(
            regex=r"^[A-Za-z0-9+/]{43}=$",
            description="SHA-256 of the e-mail address and a secret salt, in base64.",
            metadata=pii("email"),
        )

    @wraps(plain)
    def derive(stored: TableView, key: str) -> pl.LazyFrame:
        salt = _salt()

        def digests(emails: pl.Series) -> pl.Series:
            return pl.Series([_digest(email, salt) for email in emails], dtype=pl.String)

        hashes = pl.col("email").map_batches(digests, return_dtype=pl.String)
        return plain(stored, key).with_columns(hashed_email=hashes)

    checks = [*table.checks, one_to_one()]
    return replace(table, schema=Hashed, source=Derived(derive), checks=checks)


def one_to_one() -> Check:
    """Every address has one hash, and every hash one address."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        pairs = [("email", "hashed_email"), ("hashed_email", "email")]
        several = [pl.col(other).n_unique().over(one) > 1 for one, other in pairs]
        return stored.current().filter(pl.any_horizontal(several))

    doc = "Every e-mail address has one hash, and every hash one e-mail address."
    return row_check("one_hash_an_email", doc, failing_rows)


def _salt() -> str:
    salt = os.environ.get(SALT)
    if not salt:
        raise UserError(f"hash_emails needs {SALT}: a secret that the parties share")
    return salt


def _digest(email: str, salt: str) -> str:
    return b64encode(sha256((email.lower() + salt).encode()).digest()).decode()
