"""Domains outside the package: by entry point, by ``SYNTH_DOMAINS``, in YAML and in Python."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from synth_assets.core.errors import UserError
from synth_assets.core.sources import frames
from synth_assets.domains import load_domains, names_in_use
from synth_assets.domains.outside import GROUP, make_paths_absolute

YAML = """\
domain: {name}
tables:
  customers:
    rows: 5
    columns:
      id: {{kind: sequence, primary_key: true}}
"""
TABLE = '''\
"""A table in Python."""

import dataframely as dy
import polars as pl

from synth_assets.core.model import Table
from synth_assets.core.partitioning import Unpartitioned
from synth_assets.core.schema import references
from synth_assets.core.sources import Generated, row_numbers

from .. import words


class Calls(dy.Schema):
    """A call."""

    customer_id = dy.Int64(metadata=references("customer"))


def table(scenario):
    return Table(
        domain="mixed", name="calls", doc=words.DOC, schema=Calls, partitioning=Unpartitioned(),
        source=Generated(lambda scenario, index: index * scenario.customers_rows,
            lambda scenario, part: row_numbers(part).with_columns(customer_id=pl.col("row") + 1)),
        parents={"customer": "customers"},
    )
'''
REPLACE = "from dataclasses import replace\n\nimport dataframely"
PACKAGE = """\
from synth_assets.core.model import Domain
from synth_assets.core.scenario import Scenario

def domain():
    return Domain("packaged", "Of a package.", [], Scenario.from_environment("packaged"), [])
"""


@pytest.fixture
def place(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file and a folder that are domains, which the environment names."""
    (tmp_path / "single.yaml").write_text(YAML.format(name="single"))
    mixed = tmp_path / "mixed"
    (mixed / "tables").mkdir(parents=True)
    (mixed / "domain.yaml").write_text(YAML.format(name="mixed"))
    (mixed / "words.py").write_text('DOC = "One row for each call."\n')
    (mixed / "tables" / "calls.py").write_text(TABLE)
    monkeypatch.setenv("SYNTH_DOMAINS", f"{tmp_path}/single.yaml, {mixed}")
    return tmp_path


def test_files_and_folders_are_found(place: Path) -> None:
    domains = {domain.name: domain for domain in load_domains()}
    assert list(domains) == sorted(domains)
    assert [t.path for t in domains["single"].tables] == ["single/customers"]
    assert (domains["single"].folder, domains["mixed"].folder) == (None, place / "mixed")
    assert [t.name for t in domains["mixed"].tables] == ["customers", "calls"]
    calls = domains["mixed"].table("calls")
    [(_, rows)] = frames(calls, domains["mixed"].scenario, ["all"])
    assert rows.collect()["customer_id"].to_list() == [1, 2, 3, 4, 5]


def test_a_name_that_another_domain_has_is_refused(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "other.yaml").write_text(YAML.format(name="jaffle"))
    monkeypatch.setenv("SYNTH_DOMAINS", str(place / "other.yaml"))
    with pytest.raises(UserError, match=r"two domains are called 'jaffle'.*other"):
        load_domains()


def test_what_is_no_domain_is_named(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "broken").mkdir()
    (place / "broken" / "domain.py").write_text("1 / 0\n")
    (place / "without").mkdir()
    (place / "without" / "domain.py").write_text("x = 1\n")
    (place / "nothing").mkdir()
    messages = {
        "none": "there is no .*none, which SYNTH_DOMAINS names",
        "nothing": "is no domain: it must be a folder with domain.py or domain.yaml",
        "broken": "cannot import .*domain.py: ZeroDivisionError",
        "without": r"must have a function domain\(\)",
    }
    for name, words in messages.items():
        monkeypatch.setenv("SYNTH_DOMAINS", str(place / name))
        with pytest.raises(UserError, match=words):
            load_domains()


def test_packages_offer_domains_by_entry_point(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "packaged.py").write_text(PACKAGE)
    metadata = tmp_path / "packaged-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: packaged\nVersion: 1\n")
    points = metadata / "entry_points.txt"
    points.write_text(f"[{GROUP}]\npackaged = packaged:domain\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "packaged" in [domain.name for domain in load_domains()]
    points.write_text(f"[{GROUP}]\npackaged = packaged:nothing\n")
    # Packages are read once for each path.
    monkeypatch.syspath_prepend(str(metadata))
    with pytest.raises(UserError, match="cannot load the domain packaged"):
        load_domains()
    sys.modules.pop("packaged", None)


def test_paths_are_those_of_the_folder_in_which_a_command_began(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_DOMAINS", "single.yaml")
    monkeypatch.chdir(place)
    make_paths_absolute()
    monkeypatch.chdir("/")
    assert "single" in [domain.name for domain in load_domains()]


def test_tables_with_different_partitions_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run has one range of partitions, and so has a job of Dagster."""
    file = tmp_path / "fleet.yaml"
    table = "rows: 3, columns: {id: {kind: sequence, primary_key: true}}"
    file.write_text(
        "domain: fleet\ntables:\n"
        f"  trips: {{{table}, partitioning: {{kind: daily}}}}\n"
        f"  vans: {{{table}}}\n"
        f"  repairs: {{{table}, partitioning: {{kind: sharded}}}}\n"
    )
    monkeypatch.setenv("SYNTH_DOMAINS", str(file))
    words = r"yaml:5: .*fleet/trips and fleet/repairs are partitioned different"
    with pytest.raises(UserError, match=words):
        load_domains()


WRONG_TABLES = {
    "fails": ("    1 / 0", r"table\(\) of .*extra.py fails: ZeroDivisionError: division by zero"),
    "no table": ("    return 3", r"table\(\) of .*extra.py must return a Table, and returned int"),
    "another domain": (
        "    return replace(TABLE, domain='other')", "other/calls must be of the domain 'mixed'"
    ),
    "twice": ("    return replace(TABLE, name='customers')", "2 tables are called 'customers'"),
    "no parent": (
        "    return replace(TABLE, parents={'customer': 'nobody'})", "'nobody', which is no table"
    ),
    "case": (
        "    return replace(TABLE, partitioning=Unpartitioned('CUSTOMER_ID'))",
        "columns 'CUSTOMER_ID' and 'customer_id'",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("body", "words"), WRONG_TABLES.values(), ids=WRONG_TABLES)
def test_a_table_in_python_that_does_not_fit_is_named(
    place: Path, monkeypatch: pytest.MonkeyPatch, body: str, words: str
) -> None:
    made = TABLE.replace("def table(scenario):\n    return Table(", "TABLE = Table(")
    made = made.replace("\n    )\n", "\n)\n").replace("import dataframely", REPLACE)
    (place / "mixed" / "tables" / "calls.py").unlink()
    (place / "mixed" / "tables" / "extra.py").write_text(
        f"{made}\n\ndef table(scenario):\n{body}\n"
    )
    monkeypatch.setenv("SYNTH_DOMAINS", str(place / "mixed"))
    with pytest.raises(UserError, match=words) as refused:
        load_domains()
    assert "mixed" in str(refused.value)


def test_a_domain_in_python_that_fails_is_named(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "failing").mkdir()
    monkeypatch.setenv("SYNTH_DOMAINS", str(place / "failing"))
    file = place / "failing" / "domain.py"
    for body, words in {
        "return {}['x']": r"domain\(\) of .*domain.py fails: KeyError: 'x'",
        "return None": r"domain\(\) of .*domain.py must return a Domain, and returned NoneType",
    }.items():
        file.write_text(f"def domain():\n    {body}\n")
        sys.modules.pop("synth_domains.failing.domain", None)
        with pytest.raises(UserError, match=words):
            load_domains()


def test_a_domain_that_cannot_be_loaded_is_named_with_the_way_on(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "broken.yaml").write_text("domain: broken\ntables: []\n")
    monkeypatch.setenv("SYNTH_DOMAINS", f"{place}/single.yaml,{place}/broken.yaml")
    words = r"yaml:2: tables: must be .*\n.*SYNTH_DOMAINS names .*broken.yaml: correct it, or"
    with pytest.raises(UserError, match=words):
        load_domains()
    # A new domain can be written meanwhile, under a name that no other has.
    assert {"jaffle", "single"} <= names_in_use()
    assert "broken" not in names_in_use()
