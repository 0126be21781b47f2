"""What only the BigQuery store has; on an emulator, or with ``SYNTH_BIGQUERY_PROJECT`` for real."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import dataframely as dy
import google.auth
import polars as pl
import pytest
import requests
import sqlglot
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import DefaultCredentialsError
from google.cloud import bigquery
from google.cloud.bigquery import SchemaField
from google.resumable_media.requests import _request_helpers
from sqlglot import exp

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.core.partitioning import Daily, Named, Sharded, Unpartitioned
from synth_assets.core.schema import polars_schema, references
from synth_assets.orchestration import bigquery_client
from synth_assets.stores.bigquery import BigQueryStore, errors
from synth_assets.stores.bigquery.columns import stored_schema
from synth_assets.stores.bigquery.names import TableName, quoted
from synth_assets.stores.bigquery.provenance import STORED, ProvenanceRecord, ProvenanceTable
from synth_assets.stores.bigquery.service import EMULATOR, client_of
from synth_assets.stores.bigquery.tables import decorator, resource
from synth_assets.stores.store import ChangedColumnsError
from synth_assets_tests.servers import REAL_PROJECT
from synth_assets_tests.stores.bigquery_projects import remove_datasets
from synth_assets_tests.stores.bigquery_proxy import Fault, Proxy, proxied
from synth_assets_tests.stores.frames import FRAME, stored, table

emulated = pytest.mark.skipif(bool(REAL_PROJECT), reason="injects faults into an emulator")

DAYS = Daily(date(2026, 1, 1), date(2026, 1, 4))
LATER = FRAME.with_columns(id=pl.col("id") + 10)


@pytest.fixture
def location(bigquery_project: str) -> Iterator[str]:
    """A location with a prefix of datasets for this test only."""
    location = f"{bigquery_project}.t{uuid4().hex[:12]}_"
    yield location
    remove_datasets(location)


@pytest.fixture
def proxy(bigquery_project: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """A proxy between the store and the emulator, with short waits of the store."""
    monkeypatch.setattr(errors, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(errors, "RETRY_SECONDS", 5.0)
    # Google's library waits a second and more before it retries an upload.
    monkeypatch.setattr(_request_helpers, "time", SimpleNamespace(sleep=lambda _: None))
    with proxied(os.environ[EMULATOR]) as proxy:
        yield proxy


@pytest.fixture
def store(proxy: Proxy, location: str) -> BigQueryStore:
    """The store as it works with an emulator, through the proxy."""
    return BigQueryStore(location, client=proxy.client)


@pytest.fixture
def partitioned(proxy: Proxy, location: str) -> BigQueryStore:
    """The store as it works with the service: loads replace partitions."""
    return _partitioned(proxy, location)


def _partitioned(proxy: Proxy, location: str) -> BigQueryStore:
    store = BigQueryStore(location, client=proxy.client)
    store.decorators = True
    return store


class Parent(dy.Schema):
    """A table that others refer to."""

    id = dy.Int64(primary_key=True)


class Child(dy.Schema):
    """Keys, and types that BigQuery can or cannot cluster by."""

    id = dy.Int64(primary_key=True, description="Number of the row.")
    parent = dy.Int64(metadata=references("owner"))
    share = dy.Float64(nullable=True)
    price = dy.Decimal(38, 12, nullable=True)
    tags = dy.List(dy.String(), nullable=False)


def child(**changes: Any) -> Table:
    """A table of children, with changes."""
    declared = replace(
        table(Child, name="child"),
        parents={"owner": "parent"},
        tags={"dataset": "Läden & co"},
        cluster_by=["share", "parent", "tags", "id", "price"],
    )
    return replace(declared, **changes)


NAME = TableName("p", "x_test", "child")


def resource_of(table: Table, parent: bigquery.Table | None = None) -> dict[str, Any]:
    """The resource that the service is asked to create."""
    return dict(resource(table, NAME, lambda _: parent).to_api_repr())


# Resources of tables.


def test_a_table_is_created_as_it_is_declared() -> None:
    request = resource_of(child(partitioning=DAYS))
    assert request["description"] == "Rows that try stores hard."
    assert request["labels"] == {"domain": "test", "code_version": "1", "dataset": "l_den___co"}
    assert request["clustering"] == {"fields": ["parent", "id", "price"]}
    assert request["timePartitioning"] == {"type": "DAY", "field": "day"}
    fields = {field["name"]: field for field in request["schema"]["fields"]}
    assert fields["id"] == {
        "name": "id", "type": "INT64", "mode": "REQUIRED", "description": "Number of the row.",
    }  # fmt: skip
    assert fields["share"]["mode"] == "NULLABLE"
    assert (fields["price"]["type"], fields["price"]["scale"]) == ("BIGNUMERIC", 12)
    assert (fields["tags"]["type"], fields["tags"]["mode"]) == ("STRING", "REPEATED")
    assert fields["day"]["type"] == "DATE"
    assert "_null_lists" not in fields


def test_partitions_other_than_days_are_partitioned_by_index() -> None:
    request = resource_of(child())
    ranges = request["rangePartitioning"]
    assert (ranges["field"], ranges["range"]["end"]) == ("_slice", "4096")
    assert "timePartitioning" not in request
    whole = resource_of(child(partitioning=Unpartitioned()))
    assert not {"rangePartitioning", "timePartitioning"} & set(whole)
    splits = child(partitioning=Named(("training", "inference")))
    assert decorator(splits, "inference") == "$1"
    assert decorator(child(), "s0002") == "$2"
    assert decorator(child(partitioning=DAYS), "2026-01-02") == "$20260102"
    assert decorator(child(partitioning=Unpartitioned()), "all") == ""


def test_keys_need_existing_parents_and_blocking_checks() -> None:
    parent = resource(
        table(Parent, name="parent"), NAME._replace(table="parent"), lambda _: None,
    )  # fmt: skip
    keys = resource_of(child(), parent)["tableConstraints"]
    assert keys["primaryKey"] == {"columns": ["id"]}
    assert keys["foreignKeys"][0]["referencedTable"]["tableId"] == "parent"
    assert keys["foreignKeys"][0]["columnReferences"] == [
        {"referencingColumn": "parent", "referencedColumn": "id"}
    ]
    assert not resource_of(child())["tableConstraints"].get("foreignKeys")
    assert "tableConstraints" not in resource_of(child(blocking=False), parent)


def test_a_table_that_is_stored_carries_its_documentation(location: str) -> None:
    store = BigQueryStore(location)
    documented = child(partitioning=Sharded(3))
    frame = pl.DataFrame(
        {"id": [1], "parent": [1], "share": [None], "price": [Decimal("1.5")], "tags": [["a"]]},
        schema=polars_schema(Child),
    )
    documented = replace(documented, schema=_without(Child, "price"))
    store.replace(documented, "s0000", frame.drop("price").lazy(), "f1")
    project, prefix = location.split(".")
    with client_of(project) as client:
        found = client.get_table(f"{project}.{prefix}test.child")
    assert found.friendly_name == "test/child"
    assert found.labels["domain"] == "test"
    assert found.schema[0].description == "Number of the row."
    assert found.clustering_fields == ["parent", "id"]
    if REAL_PROJECT:
        assert found.range_partitioning.field == "_slice"
        assert found.table_constraints.primary_key.columns == ["id"]


def _without(schema: type[dy.Schema], *names: str) -> type[dy.Schema]:
    kept = {n: c for n, c in schema.columns().items() if n not in names}
    return type("Kept", (dy.Schema,), kept)


class Nested(dy.Schema):
    """Lists at every depth, each of which may be null."""

    id = dy.Int64(primary_key=True)
    codes = dy.List(dy.Int64(nullable=True), nullable=True)
    place = dy.Struct({"tags": dy.List(dy.String(), nullable=True)}, nullable=True)
    items = dy.List(
        dy.Struct(
            {
                "sizes": dy.List(dy.Int64(nullable=True), nullable=True),
                "more": dy.List(dy.Struct({"deep": dy.List(dy.String(), nullable=True)})),
            }
        )
    )


NESTED = pl.DataFrame(
    {
        "id": [1, 2, 3],
        "codes": [[1], [], None],
        "place": [{"tags": ["a"]}, {"tags": None}, None],
        "items": [
            [
                {"sizes": [], "more": [{"deep": ["x"]}, {"deep": None}, {"deep": []}]},
                {"sizes": None, "more": []},
                {"sizes": [7], "more": [{"deep": None}]},
            ],
            [],
            [{"sizes": None, "more": [{"deep": []}]}],
        ],
    },
    schema=polars_schema(Nested),
)


def test_null_lists_come_back_at_every_depth(location: str) -> None:
    store, nested = BigQueryStore(location), table(Nested, name="nested")
    store.replace(nested, "s0000", NESTED.lazy(), "f1")
    assert stored(store, "s0000", nested).equals(NESTED)
    picked = store.scan(nested, ["s0000"]).select("codes").collect()
    assert picked["codes"].null_count() == 1
    assert store.describe(nested)["s0000"].schema == NESTED.schema
    project, prefix = location.split(".")
    with client_of(project) as client:
        plain = f"SELECT id FROM `{project}`.`{prefix}test`.`nested` WHERE 1 IN UNNEST(codes)"
        assert [row["id"] for row in client.query(plain)] == [1]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"codes": [1, None]}, "a list of codes holds a null"),
        ({"items": [{"sizes": [None], "more": []}]}, "a list of items.sizes holds a null"),
        ({"id": None}, "column id is null"),
    ],
)
def test_rows_that_bigquery_cannot_hold_are_refused(
    location: str, row: dict[str, Any], said: str
) -> None:
    store, nested = BigQueryStore(location), table(Nested, name="nested")
    store.replace(nested, "s0000", NESTED.lazy(), "f1")
    worse = pl.DataFrame([{**NESTED.row(0, named=True), **row}], schema=NESTED.schema)
    with pytest.raises(UserError, match=f"{said}.*what was stored before is untouched"):
        store.replace(nested, "s0000", worse.lazy(), "f2")
    assert store.describe(nested)["s0000"].fingerprint == "f1"


# Refused before any request.


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ('a"b', 'column a"b'),
        ("1a", "column 1a"),
        ("_PARTITIONDATE", "column _PARTITIONDATE"),
        ("_slice", "column _slice"),
        ("ID", "upper and lower case"),
        ("x" * 301, "named with letters"),
    ],
)
def test_a_forbidden_name_is_refused_before_any_request(name: str, said: str) -> None:
    columns = {"id": dy.Int64(), name: dy.Int64(nullable=True)}
    hard = table(type("Hard", (dy.Schema,), columns))
    with pytest.raises(UserError, match=said):
        BigQueryStore("nowhere", client=_no_client).replace(hard, "s0000", pl.LazyFrame(), "f")


def _no_client(project: str) -> Any:
    raise AssertionError(project)


@pytest.mark.parametrize(
    "column",
    [dy.Datetime(time_unit="ns"), dy.Duration(), dy.List(dy.List(dy.Int64()))],
    ids=["nanoseconds", "duration", "list of lists"],
)
def test_a_type_that_bigquery_cannot_keep_is_named(column: dy.Column) -> None:
    odd = table(type("Odd", (dy.Schema,), {"id": dy.Int64(), "odd": column}))
    with pytest.raises(UserError, match=r"column odd is (Datetime|Duration|List)"):
        resource_of(odd)


@pytest.mark.parametrize("location", ["", "My Project", "p.q-r", "p.q.r", "p`;drop"])
def test_a_location_that_is_no_project_is_refused(location: str) -> None:
    with pytest.raises(UserError, match="must be a project's id"):
        BigQueryStore(location)


def test_quotes_never_end_a_name() -> None:
    assert quoted("a`b\\") == r"`a\`b\\`"


# Stored tables.


def test_stored_columns_of_other_types_are_reported_as_stored() -> None:
    fields = [
        SchemaField("id", "INTEGER", "REQUIRED"),
        SchemaField("parent", "STRING"),
        SchemaField("share", "NUMERIC", precision=10, scale=2),
        SchemaField("tags", "RECORD", "REPEATED", fields=[SchemaField("a", "FLOAT")]),
        SchemaField("shard", "STRING", "REQUIRED"),
    ]
    assert stored_schema(child(), fields) == {
        "id": pl.Int64(),
        "parent": pl.String(),
        "share": pl.Decimal(10, 2),
        "tags": pl.List(pl.Struct({"a": pl.Float64()})),
    }


def test_partitions_in_another_order_are_not_mixed_in_a_table(location: str) -> None:
    store = BigQueryStore(location)
    before = table(name="ordered", partitioning=Named(("training", "inference")))
    store.replace(before, "training", FRAME.lazy(), "f1")
    after = table(name="ordered", partitioning=Named(("inference", "training")))
    with pytest.raises(ChangedColumnsError, match=r"_slice.*--recreate"):
        store.replace(after, "inference", FRAME.lazy(), "f1")
    store.drop(after, ["training"])
    store.replace(after, "inference", FRAME.lazy(), "f1")
    assert stored(store, "inference", after).equals(FRAME)


def test_a_table_that_a_killed_writer_left_empty_does_not_keep_its_columns(location: str) -> None:
    store, old = BigQueryStore(location), table(Parent, name="left")
    with pytest.raises(UserError, match="column id is null"):
        store.replace(old, "s0000", pl.LazyFrame({"id": [None]}, {"id": pl.Int64}), "f1")
    new = table(name="left")
    store.replace(new, "s0000", FRAME.lazy(), "f1")
    assert stored(store, "s0000", new).equals(FRAME)


def test_records_of_a_dropped_table_are_ignored(location: str) -> None:
    store = BigQueryStore(location)
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    store.drop(table(), ["s0000"])
    store.replace(table(), "s0001", FRAME.lazy(), "f1")
    assert list(store.describe(table())) == ["s0001"]


def test_stats_name_the_job(location: str) -> None:
    store = BigQueryStore(location)
    stats = store.replace(table(), "s0000", FRAME.lazy(), "f1")
    assert stats == store.describe(table())["s0000"]
    assert set(stats.details) == {"job_id", "bytes_loaded", "location"}
    assert str(stats.details["job_id"]).startswith("synth_")
    assert (
        stats.uri == f"bigquery://{location.split('.')[0]}/{location.split('.')[1]}test/all_kinds"
    )


# Requests to the service.


def _parsed(query: dict[str, Any]) -> list[exp.Expression]:
    return [s for s in sqlglot.parse(query["query"], dialect="bigquery") if s is not None]


@emulated
def test_a_scan_asks_for_its_columns_and_partitions_only(
    proxy: Proxy, store: BigQueryStore
) -> None:
    for key in ("s0000", "s0001", "s0002"):
        store.replace(table(), key, FRAME.lazy(), "f1")
    proxy.requests.clear()
    rows = store.scan(table(), ["s0001", "s0002"]).select("name", "shard").head(2).collect()
    assert rows.shape == (2, 2)
    query = proxy.queries()[-1]
    (select,) = _parsed(query)
    assert [column.name for column in select.expressions] == ["name", "shard"]
    assert select.args["limit"].expression.this == "2"
    between = select.find(exp.Between)
    assert between is not None
    assert between.this.name == "_slice"
    given = {p["name"]: p["parameterValue"] for p in query["queryParameters"]}
    assert (given["first"]["value"], given["last"]["value"]) == ("1", "2")
    assert [v["value"] for v in given["keys"]["arrayValues"]] == ["s0001", "s0002"]


@emulated
def test_a_scan_of_days_leaves_out_other_days(proxy: Proxy, store: BigQueryStore) -> None:
    days = table(name="days", partitioning=DAYS)
    store.replace(days, "2026-01-02", FRAME.lazy(), "f1")
    store.scan(days, ["2026-01-02"]).select("id").collect()
    query = proxy.queries()[-1]
    assert "`day` BETWEEN @first AND @last" in query["query"]
    given = {p["name"]: p for p in query["queryParameters"]}
    assert given["first"]["parameterType"]["type"] == "DATE"
    assert given["last"]["parameterValue"]["value"] == "2026-01-02"


@emulated
def test_describing_many_partitions_takes_two_requests(proxy: Proxy, store: BigQueryStore) -> None:
    with store.opened():
        for key in ("s0000", "s0001", "s0002"):
            store.replace(table(), key, FRAME.head(1).lazy(), "f1")
    proxy.requests.clear()
    assert len(store.describe(table())) == 3
    assert [r.method for r in proxy.requests if "/queries/" not in r.path] == ["GET", "POST"]


@emulated
def test_everything_that_is_sent_is_bigquery_sql(proxy: Proxy, store: BigQueryStore) -> None:
    for key in ("s0000", "s0001"):
        store.replace(table(), key, FRAME.lazy(), "it's f1; --")
    store.drop(table(), ["s0000"])
    store.scan(table()).collect()
    script = [s for query in proxy.queries() for s in _parsed(query)]
    assert not [s.sql() for s in script if isinstance(s, exp.Command)]
    assert {type(s) for s in script} >= {exp.Insert, exp.Delete, exp.Select, exp.Transaction}
    assert not [q for q in proxy.queries() if "it's" in q["query"]]


@emulated
def test_a_partition_is_replaced_by_one_load(proxy: Proxy, partitioned: BigQueryStore) -> None:
    partitioned.replace(table(), "s0000", FRAME.lazy(), "f1")
    proxy.requests.clear()
    for partition, key in (
        (table(), "s0002"),
        (table(name="day", partitioning=DAYS), "2026-01-03"),
    ):
        partitioned.replace(partition, key, FRAME.lazy(), "f1")
    first, second = proxy.loads()
    load = first["configuration"]["load"]
    assert load["destinationTable"]["tableId"] == "all_kinds$2"
    assert load["writeDisposition"] == "WRITE_TRUNCATE"
    assert load["sourceFormat"] == "PARQUET"
    assert load["parquetOptions"] == {"enableListInference": True}
    assert [f["name"] for f in load["schema"]["fields"]][-3:] == ["_null_lists", "shard", "_slice"]
    assert load["clustering"] == {"fields": ["id"]}
    job = first["jobReference"]["jobId"]
    assert second["configuration"]["load"]["destinationTable"]["tableId"] == "day$20260103"
    states = [
        (given["job"], given["state"])
        for query in proxy.queries()
        if query["query"].startswith("INSERT")
        for given in [{p["name"]: p["parameterValue"]["value"] for p in query["queryParameters"]
                       if "value" in p["parameterValue"]}]
    ]  # fmt: skip
    assert states[:2] == [(job, "pending"), (job, "stored")]


@emulated
def test_an_unpartitioned_table_keeps_its_keys(proxy: Proxy, partitioned: BigQueryStore) -> None:
    whole = table(name="whole", partitioning=Unpartitioned())
    for frame in (FRAME, FRAME.head(2)):
        partitioned.replace(whole, "all", frame.lazy(), "f1")
    load = proxy.loads()[-1]["configuration"]["load"]
    assert load["destinationTable"]["tableId"] == "whole"
    assert load["writeDisposition"] == "WRITE_TRUNCATE_DATA"
    assert stored(partitioned, "all", whole).equals(FRAME.head(2))


@emulated
def test_partitions_hold_what_was_loaded_last(partitioned: BigQueryStore) -> None:
    partitioned.replace(table(), "s0000", FRAME.lazy(), "f1")
    partitioned.replace(table(), "s0001", LATER.lazy(), "f1")
    stats = partitioned.replace(table(), "s0000", FRAME.head(2).lazy(), "f2")
    assert stored(partitioned, "s0000").equals(FRAME.head(2))
    assert stored(partitioned, "s0001").equals(LATER)
    assert stats == partitioned.describe(table())["s0000"]
    assert stats.bytes == 12345
    partitioned.drop(table(), ["s0000"])
    assert list(partitioned.describe(table())) == ["s0001"]
    assert partitioned.scan(table()).collect().height == 3


# Killed writers.


def _dies_when(state: str, monkeypatch: pytest.MonkeyPatch, before: bool) -> None:
    write = ProvenanceTable.write

    def dying(provenance: ProvenanceTable, record: ProvenanceRecord, *more: str) -> None:
        if record.state != state:
            return write(provenance, record, *more)
        if not before:
            write(provenance, record, *more)
        raise KeyboardInterrupt

    monkeypatch.setattr(ProvenanceTable, "write", dying)


@emulated
def test_a_writer_that_dies_after_its_load_leaves_the_new_partition(
    proxy: Proxy, location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _partitioned(proxy, location).replace(table(), "s0000", FRAME.lazy(), "f1")
    with monkeypatch.context() as patch:
        _dies_when(STORED, patch, before=True)
        with pytest.raises(KeyboardInterrupt):
            _partitioned(proxy, location).replace(table(), "s0000", FRAME.head(2).lazy(), "f2")
    store = _partitioned(proxy, location)
    stats = store.describe(table())["s0000"]
    assert (stats.rows, stats.fingerprint) == (2, "f2")
    assert stored(store, "s0000").equals(FRAME.head(2))
    # The outcome was recorded, since the service deletes old jobs.
    proxy.jobs.clear()
    assert store.describe(table())["s0000"] == stats


@emulated
def test_a_writer_that_dies_before_its_load_leaves_the_old_partition(
    proxy: Proxy, location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _partitioned(proxy, location).replace(table(), "s0000", FRAME.lazy(), "f1")
    with monkeypatch.context() as patch:
        _dies_when("pending", patch, before=False)
        with pytest.raises(KeyboardInterrupt):
            _partitioned(proxy, location).replace(table(), "s0000", FRAME.head(2).lazy(), "f2")
    store = _partitioned(proxy, location)
    assert store.describe(table())["s0000"].fingerprint == "f1"
    assert stored(store, "s0000").equals(FRAME)


@emulated
def test_a_load_that_failed_or_still_runs_is_no_partition(
    proxy: Proxy, partitioned: BigQueryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    partitioned.replace(table(), "s0000", FRAME.lazy(), "f1")
    with monkeypatch.context() as patch:
        _dies_when(STORED, patch, before=True)
        with pytest.raises(KeyboardInterrupt):
            partitioned.replace(table(), "s0001", LATER.lazy(), "f1")
    job = list(proxy.jobs.values())[-1]
    job["status"] = {"state": "RUNNING"}
    assert list(partitioned.describe(table())) == ["s0000"]
    job["status"] = {"state": "DONE", "errorResult": {"reason": "invalid", "message": "x"}}
    assert list(partitioned.describe(table())) == ["s0000"]


# Errors.

UPLOAD, QUERY = r"^PUT /upload/", r"^POST \S+/jobs\S* .*INSERT INTO"


TRANSIENT = [
    Fault(r"^GET \S+/tables/", 503),
    Fault(QUERY, 403, "rateLimitExceeded"),
    Fault(QUERY, 400, "invalidQuery", message="Could not serialize access to table t"),
    Fault(r"^POST /upload/", 403, "rateLimitExceeded"),
    Fault(r"^POST /upload/", 429, "rateLimitExceeded"),
    Fault(UPLOAD, 503, times=2),
    Fault(UPLOAD),
    Fault(UPLOAD, arrived=True),
]


@emulated
def test_transient_errors_are_retried(proxy: Proxy, partitioned: BigQueryStore) -> None:
    proxy.faults = [replace(fault) for fault in TRANSIENT]
    partitioned.replace(table(), "s0000", FRAME.lazy(), "f1")
    assert [fault for fault in proxy.faults if fault.times] == []
    assert stored(partitioned, "s0000").equals(FRAME)
    assert partitioned.describe(table())["s0000"].rows == 3


@emulated
def test_a_load_with_a_lost_response_is_not_repeated(
    proxy: Proxy, partitioned: BigQueryStore
) -> None:
    # The client gives up the upload after six more attempts; it is begun again with the job's id.
    proxy.faults = [Fault(UPLOAD, arrived=True), Fault(UPLOAD, 503, times=6)]
    partitioned.replace(table(), "s0000", FRAME.lazy(), "f1")
    assert [fault for fault in proxy.faults if fault.times] == []
    assert len(proxy.jobs) == 1
    assert stored(partitioned, "s0000").equals(FRAME)


@emulated
def test_a_job_that_fails_on_the_services_side_is_run_again(
    proxy: Proxy, partitioned: BigQueryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended, failed = Proxy.ended, []

    def failing_once(proxy: Proxy, known: dict[str, Any], answer: bytes) -> bytes:
        job = json.loads(ended(proxy, known, answer))
        if not failed:
            failed.append(job["jobReference"]["jobId"])
            error = {"reason": "backendError", "message": "planted"}
            job["status"] |= {"errorResult": error, "errors": [error]}
            proxy.jobs[failed[0]] = job
        return json.dumps(job).encode()

    monkeypatch.setattr(Proxy, "ended", failing_once)
    stats = partitioned.replace(table(), "s0000", FRAME.lazy(), "f1")
    assert failed[0].endswith("_0")
    assert str(stats.details["job_id"]).endswith("_1")
    assert stored(partitioned, "s0000").equals(FRAME)


@emulated
def test_a_table_that_another_writer_creates_concurrently_is_used(
    proxy: Proxy, partitioned: BigQueryStore
) -> None:
    partitioned.replace(table(), "s0000", FRAME.lazy(), "f1")
    proxy.faults = [
        Fault(r"^GET \S+/tables/all_kinds", 404, "notFound", message="Not found: Table")
    ]
    partitioned.replace(table(), "s0001", LATER.lazy(), "f1")
    assert list(partitioned.describe(table())) == ["s0000", "s0001"]
    assert stored(partitioned, "s0000").equals(FRAME)


PERMANENT = [
    (403, "quotaExceeded", "a quota of project synth-test is used up"),
    (403, "accessDenied", "project synth-test: the account needs the roles BigQuery Data Ed"),
    (401, "authError", "no valid credentials for project synth-test"),
    (400, "invalid", "planted; what"),
]


@emulated
def test_permanent_errors_are_not_retried(proxy: Proxy, partitioned: BigQueryStore) -> None:
    partitioned.replace(table(), "s0000", FRAME.lazy(), "f1")
    for status, reason, said in PERMANENT:
        proxy.faults = [Fault(r"^POST /upload/", status, reason, times=9)]
        with pytest.raises(UserError, match=f"cannot write test/all kinds: .*{said}") as caught:
            partitioned.replace(table(), "s0000", FRAME.head(2).lazy(), "f2")
        assert str(caught.value).endswith("what was stored before is untouched")
        assert proxy.faults[0].times == 8
    assert stored(partitioned, "s0000").equals(FRAME)
    assert partitioned.describe(table())["s0000"].fingerprint == "f1"


@emulated
def test_retries_are_bounded(
    proxy: Proxy, store: BigQueryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errors, "RETRY_SECONDS", 0.3)
    proxy.faults = [Fault("tables", 503, times=10_000)]
    with pytest.raises(UserError, match=r"cannot read test/all kinds: planted \(tried for 0.3 s\)"):
        store.describe(table())


@emulated
def test_an_upload_that_never_ends_says_that_its_job_may(
    proxy: Proxy, partitioned: BigQueryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    partitioned.replace(table(), "s0000", FRAME.lazy(), "f1")
    monkeypatch.setattr(errors, "RETRY_SECONDS", 0.3)
    proxy.faults = [Fault(r"^PUT /upload/", 503, times=10_000)]
    with pytest.raises(UserError, match=r"untouched, unless job synth_\w+_0 still succeeds"):
        partitioned.replace(table(), "s0000", FRAME.head(2).lazy(), "f2")
    assert stored(partitioned, "s0000").equals(FRAME)


@emulated
def test_a_conflict_of_transactions_is_retried(proxy: Proxy, store: BigQueryStore) -> None:
    message = "Transaction is aborted due to concurrent update against table t"
    proxy.faults = [Fault(r"^POST .*BEGIN TRANSACTION", 400, "invalidQuery", message=message)]
    store.replace(table(), "s0000", FRAME.lazy(), "f1")
    assert proxy.faults[0].times == 0
    assert stored(store, "s0000").equals(FRAME)


def test_missing_credentials_are_reported_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none(*_: object, **__: object) -> None:
        raise DefaultCredentialsError("secret-path")

    monkeypatch.delenv(EMULATOR, raising=False)
    monkeypatch.setattr(google.auth, "default", none)
    with pytest.raises(UserError, match="gcloud auth application-default login") as caught:
        BigQueryStore("some-project").describe(table())
    assert "secret-path" not in str(caught.value)
    assert "some-project" in str(caught.value)


def test_a_service_that_does_not_answer_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(EMULATOR, "http://127.0.0.1:1")
    monkeypatch.setattr(errors, "RETRY_SECONDS", 0.2)
    monkeypatch.setattr(errors, "FIRST_WAIT", 0.01)
    with pytest.raises(UserError, match="BigQuery cannot be reached: check the network"):
        BigQueryStore("some-project").describe(table())


@emulated
def test_a_project_that_does_not_exist_is_reported(proxy: Proxy, store: BigQueryStore) -> None:
    proxy.faults = [Fault("tables", 404, "notFound", message="Not found: Project synth-test")]
    with pytest.raises(UserError, match="check that project synth-test exists"):
        store.describe(table())


@emulated
def test_errors_and_names_carry_no_secrets(proxy: Proxy, partitioned: BigQueryStore) -> None:
    proxy.faults = [Fault(r"^PUT /upload/", 400, "invalid", message="see https://x/?upload_id=s3")]
    with pytest.raises(UserError) as caught:
        partitioned.replace(table(), "s0000", FRAME.lazy(), "f1")
    shown = f"{caught.value!r} {partitioned!r} {partitioned.uri(table())} {partitioned.location}"
    assert "upload_id" not in shown
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


# Projects and clients.


@emulated
def test_each_party_has_a_project_of_its_own(location: str) -> None:
    prefix = location.split(".")[1]
    store = BigQueryStore(location, projects={"shop": "shop-project"})
    theirs = replace(table(), tags={"party": "shop"})
    try:
        store.replace(theirs, "s0000", FRAME.lazy(), "f1")
        assert store.uri(theirs) == f"bigquery://shop-project/{prefix}test/all_kinds"
        assert store.describe(table()) == {}
        assert stored(store, "s0000", theirs).equals(FRAME)
        with client_of("shop-project") as client:
            datasets = {d.dataset_id for d in client.list_datasets()}
        assert datasets >= {f"{prefix}_synth", f"{prefix}test"}
    finally:
        remove_datasets(f"shop-project.{prefix}")


@emulated
def test_an_open_store_keeps_one_client(proxy: Proxy, location: str) -> None:
    projects = []

    def client(project: str) -> Any:
        projects.append(project)
        return proxy.client(project)

    store = BigQueryStore(location, client=client)
    with store.opened():
        store.replace(table(), "s0000", FRAME.head(1).lazy(), "f1")
        store.describe(table())
        assert len(projects) == 1
    store.describe(table())
    assert len(projects) == 2


def test_dagster_makes_the_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(EMULATOR, "http://127.0.0.1:1")
    monkeypatch.setenv("SYNTH_BIGQUERY_LOCATION", "EU")
    with bigquery_client.client_of("some-project") as client:
        assert (client.project, client.location) == ("some-project", "EU")
        assert isinstance(client._credentials, AnonymousCredentials)
    monkeypatch.delenv(EMULATOR)
    assert type(bigquery_client.resource_of("p")) is bigquery_client.BigQueryResource


def test_timestamps_are_stored_with_microseconds(location: str) -> None:
    store, moments = BigQueryStore(location), table(Moments, name="moments")
    frame = pl.DataFrame(
        {"id": [1], "at": [datetime(2026, 3, 29, 2, 30, 0, 1)]},
        schema={"id": pl.Int64, "at": pl.Datetime("us")},
    ).with_columns(
        there=pl.col("at").dt.replace_time_zone("UTC").dt.convert_time_zone("Asia/Tokyo")
    )
    store.replace(moments, "s0000", frame.lazy(), "f1")
    assert stored(store, "s0000", moments).equals(frame)


class Moments(dy.Schema):
    """A time without a zone, and one in a zone."""

    id = dy.Int64(primary_key=True)
    at = dy.Datetime(time_unit="us")
    there = dy.Datetime(time_unit="us", time_zone="Asia/Tokyo")


@pytest.mark.parametrize(
    ("errno", "retried"), [(socket.EAI_NONAME, False), (socket.EAI_AGAIN, True)]
)
def test_an_unknown_host_is_not_retried(errno: int, retried: bool) -> None:
    error = requests.exceptions.ConnectionError("cannot resolve")
    error.__context__ = socket.gaierror(errno, "as the resolver says")
    assert errors.is_transient(error) == retried


def test_retries_are_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    answers = iter([ConnectionError(), ConnectionError(), None])

    def ask() -> None:
        if (answer := next(answers)) is not None:
            raise answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("google.api_core.retry.retry_unary.time.sleep", lambda _: None)
        errors.retry_policy()(ask)()
    assert [r.getMessage() for r in caplog.records] == [
        "BigQuery: ConnectionError; trying again for up to 120 s"
    ]
