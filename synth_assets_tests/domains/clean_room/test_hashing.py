"""Hashed e-mail addresses: equal for both parties, dependent on the salt, which is required."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

import polars as pl
import pytest

from synth_assets.core.errors import UserError
from synth_assets.domains.clean_room.hashing import SALT
from synth_assets.quality.structural import checks_of
from synth_assets_tests.domains.clean_room.made import (
    FEW,
    PARTIES,
    clean_room,
    derived,
    source,
    stored,
)
from synth_assets_tests.quality.memory import judge

SECRET = "sw0rdfish"


def test_parties_join_on_hashes_as_on_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SALT, SECRET)
    domain = clean_room(users=FEW, hash_emails=True)
    memory = derived(domain, stored(source(users=FEW)), PARTIES)
    users, provider = (memory.slices[name]["training"] for name in ("users", "provider_users"))
    email, digest = users.select("email", "hashed_email").row(0)
    assert digest == b64encode(sha256((email + SECRET).encode()).digest()).decode()
    by_hash = users.join(provider, on="hashed_email")
    assert len(by_hash) == len(users.join(provider, on="email")) > 50
    assert (by_hash["email"] == by_hash["email_right"]).all()
    check = {r.name: r for r in checks_of(domain.table("users"))}["one_hash_an_email"]
    assert [v.passed for v in judge(check, domain, "users", memory, ["training"])] == [True]
    wrong = users.with_columns(hashed_email=pl.col("hashed_email").first())
    memory.slices["users"]["training"] = wrong
    assert [v.measured for v in judge(check, domain, "users", memory, ["training"])] == [len(users)]


def test_no_salt_is_an_error_and_no_table_has_hashes_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(SALT, raising=False)
    domain = clean_room(users=FEW, hash_emails=True)
    with pytest.raises(UserError, match=SALT):
        derived(domain, stored(source(users=FEW)), ["users"])
    for name in ("users", "provider_users"):
        assert "hashed_email" not in clean_room().table(name).schema.columns()
