"""``synth describe``: what is declared and stored of a table; ``synth list --json``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from synth_assets.cli.describe import description
from synth_assets.core.model import Table
from synth_assets.core.schema import columns_of
from synth_assets.domains import load_domains
from synth_assets.orchestration.settings import Settings
from synth_assets.quality.structural import checks_of
from synth_assets_tests.cli.conftest import Synth

ORDERS, ADS = "jaffle/raw_orders_training", "jaffle/stg_google_ads"


def test_a_table_is_described_in_words(synth: Synth, ads: Table) -> None:
    done = synth("describe", ADS)
    assert done.code == 0
    for column in columns_of(ads.schema):
        assert column.name in done.out
    for check in checks_of(ads):
        assert check.name in done.out
    assert "Stored:     2, 2026-01-01 to 2026-01-02; " in done.out
    assert "(parquet)" in done.out
    assert done.out.count("│ 2026-01-01 │") == 5


def test_keys_and_references_are_shown(synth: Synth) -> None:
    done = synth("describe", ORDERS, "--rows", "0")
    assert "→ raw_customers_training.id" in done.out
    assert "Stored:     nothing yet" in done.out


def test_a_table_is_described_as_json(synth: Synth, ads: Table) -> None:
    found = json.loads(synth("describe", ADS, "--json", "--rows", "3").out)
    assert [column["name"] for column in found["columns"]] == list(ads.schema.columns())
    assert (found["stored"]["store"], found["stored"]["partitions"]) == ("parquet", 2)
    assert len(found["rows"]) == 3
    assert set(found["rows"][0]) == {*ads.schema.columns(), "day"}
    assert found["partitions"]["first"] == "2026-01-01"


def test_the_list_says_where_the_home_is(synth: Synth, home: Path) -> None:
    done = synth("list", ADS)
    assert done.code == 0
    assert f"Home: {home}" in done.out
    home.mkdir(exist_ok=True)
    (home / "settings.json").write_text('{"SYNTH_SEED": "7"}')
    assert f"Remembered in {home}/settings.json:\n  SYNTH_SEED=7\n" in synth("list", ADS).out


def test_references_of_every_table_name_a_table(settings: Settings) -> None:
    domains = load_domains()
    paths = {table.path for domain in domains for table in domain.tables}
    stores = settings.open_stores()
    for domain in domains:
        for table in domain.tables:
            for column in description(domain, table, stores, 0)["columns"]:
                target = column["references"]
                assert target is None or f"{domain.name}/{target.rpartition('.')[0]}" in paths


def test_a_damaged_partition_is_named(synth: Synth, ads: Table, home: Path) -> None:
    file = home / "lake" / ADS / "day=2026-01-02" / "data.parquet"
    file.write_bytes(b"PAR1")
    done = synth("describe", ADS)
    assert done.code == 0
    assert "slice 2026-01-02 of jaffle/stg_google_ads is damaged" in done.out
    [listed] = json.loads(synth("list", ADS, "--json").out)[0]["tables"]
    assert (listed["stored"], listed["rows"]) == (None, None)


def test_the_list_as_json_has_what_is_stored(synth: Synth, ads: Table) -> None:
    [domain] = json.loads(synth("list", "jaffle", "--json").out)
    assert (domain["domain"], len(domain["tables"])) == ("jaffle", 16)
    listed = {table["table"]: table for table in domain["tables"]}
    assert (listed[ADS]["stored"], listed[ORDERS]["stored"]) == (2, 0)
    assert listed[ADS]["rows"] > 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("describe", "jaffle"), "'jaffle' selects 16 tables, name one of them: jaffle/raw_"),
        (("describe", "jaffle/nope"), "tables of jaffle are raw_customers_training,"),
        (("describe", "jaffle/orders"), "did you mean 'jaffle/raw_orders_training'?"),
        (("list", "jaffel"), "did you mean 'jaffle'?"),
        (("list", "jafle/raw_order_training"), "did you mean 'jaffle/raw_orders_training'?"),
        (("list", "households"), "did you mean 'identity_graph/households'?"),
    ],
)
def test_a_wrong_name_is_corrected_within_its_domain(
    synth: Synth, words: tuple[str, ...], message: str
) -> None:
    done = synth(*words)
    assert done.code == 2
    assert message in done.err
    assert "clean_room/" not in done.err
