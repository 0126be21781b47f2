"""What only Unity Catalog's store has: entries in the catalog, permissions, a workspace's errors.

The tests use a local server that answers as the documented REST API does.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from synth_assets.core.errors import UnknownNameError, UserError
from synth_assets.orchestration.settings import Settings
from synth_assets.stores.store import ChangedColumnsError
from synth_assets.stores.unity import UnityStore, verify_catalog_permissions
from synth_assets.stores.unity import workspace as workspace_module
from synth_assets_tests.secrets import SECRET, holding
from synth_assets_tests.shell import InProcess
from synth_assets_tests.stores.frames import FRAME, OtherKinds, later, stored, table
from synth_assets_tests.stores.unity_workspace import API, ENOUGH, GROUP, ME, Workspace

NAME = "main.synth_test.all_kinds"
TABLES, SCHEMAS = f"POST {API}tables", f"POST {API}schemas"
ON_SCHEMA = ("USE_SCHEMA", "CREATE_TABLE", "EXTERNAL_USE_SCHEMA")


@pytest.fixture
def workspace(unity_workspace: Workspace) -> Workspace:
    """A workspace with a catalog ``main`` that the account may write to."""
    unity_workspace.add_catalog("main")
    return unity_workspace


@pytest.fixture
def store(workspace: Workspace, tmp_path: Path) -> UnityStore:
    return UnityStore(f"main.synth_@{tmp_path / 'a lake'}")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace_module, "TIMEOUT", 1)
    monkeypatch.setattr(workspace_module, "WAITS", (0.01, 0.01, 0.01))


def put(store: UnityStore, key: str = "s0000") -> None:
    store.replace(table(), key, later(int(key[1:])), "f1")


def refusal(action: Callable[[], object], kind: type[UserError] = UserError) -> str:
    """The error of a refused action: one line, without the library's own error."""
    with pytest.raises(kind) as caught:
        action()
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def is_untouched(store: UnityStore) -> bool:
    return not Path(store.root).exists()


# --- the entry


def test_the_entry_describes_the_table(store: UnityStore, workspace: Workspace) -> None:
    put(store)
    entry = workspace.tables[NAME]
    assert (entry["table_type"], entry["data_source_format"]) == ("EXTERNAL", "DELTA")
    assert entry["storage_location"] == Path(store.uri(table())).as_uri()
    columns = {c["name"]: c for c in entry["columns"]}
    assert list(columns) == [*FRAME.columns, "shard"]
    assert [c["position"] for c in entry["columns"]] == list(range(len(columns)))
    assert columns["id"]["comment"] == "It's the row's number; \"quoted\"."
    assert {n: columns[n]["type_text"] for n in ("id", "amount", "level", "at", "items")} == {
        "id": "bigint",
        "amount": "decimal(10,2)",
        "level": "int",
        "at": "timestamp_ntz",
        "items": "array<struct<name:string,price:decimal(10,2),at:timestamp_ntz,"
        "sizes:array<bigint>>>",
    }
    assert [columns[n]["type_name"] for n in ("id", "level", "tags", "place", "seen_at")] == [
        "LONG", "INT", "ARRAY", "STRUCT", "TIMESTAMP",
    ]  # fmt: skip
    assert (columns["amount"]["type_precision"], columns["amount"]["type_scale"]) == (10, 2)
    assert json.loads(columns["place"]["type_json"])["type"]["type"] == "struct"
    assert [n for n, c in columns.items() if "partition_index" in c] == ["shard"]
    assert entry["properties"] == {
        "comment": "Rows that try stores hard.",
        "delta.autoOptimize.autoCompact": "true",
        "delta.autoOptimize.optimizeWrite": "true",
        "delta.checkpointInterval": "20",
        "synth.partitionBy": "shard",
        "synth.table": "test/all kinds",
        "synth.zorderBy": "id",
    }
    assert store.describe(table())["s0000"].details["table"] == NAME
    assert {n: store.statistics(table())[n] for n in ("rows", "files")} == {"rows": 3, "files": 1}
    assert store.maintain(table())["slices_optimized"] == 1


def test_registering_twice_is_once(store: UnityStore, workspace: Workspace) -> None:
    for key in ("s0000", "s0001", "s0000"):
        put(store, key)
    put(UnityStore(store.location))
    assert (workspace.request_count(TABLES), workspace.request_count(SCHEMAS)) == (1, 1)
    assert workspace.request_count("DELETE") == 0


def test_an_open_store_verifies_the_catalog_once(store: UnityStore, workspace: Workspace) -> None:
    with store.opened():
        put(store)
        before = len(workspace.requests)
        put(store, "s0001")
        assert len(workspace.requests) == before
    put(store)
    assert len(workspace.requests) > before


def test_reading_needs_no_workspace(
    store: UnityStore, monkeypatch: pytest.MonkeyPatch, workspace: Workspace
) -> None:
    put(store)
    monkeypatch.delenv("DATABRICKS_HOST")
    assert stored(UnityStore(store.location), "s0000").equals(FRAME)


def test_other_columns_replace_the_entry_when_nothing_is_stored(
    store: UnityStore, workspace: Workspace
) -> None:
    put(store)
    changed, frame = table(OtherKinds), FRAME.select("id", name="id").lazy()
    with pytest.raises(ChangedColumnsError, match="--recreate"):
        store.replace(changed, "s0000", frame, "f1")
    assert len(workspace.tables[NAME]["columns"]) == 15
    store.drop(changed, ["s0000"])
    store.replace(changed, "s0000", frame, "f1")
    assert [c["type_text"] for c in workspace.tables[NAME]["columns"]] == [
        "bigint", "bigint", "string",
    ]  # fmt: skip
    assert workspace.request_count("DELETE") == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("storage_location", "s3://elsewhere/t"), ("table_type", "MANAGED")],
)
def test_a_foreign_table_is_left_unchanged(
    field: str, value: str, store: UnityStore, workspace: Workspace
) -> None:
    put(store)
    workspace.tables[NAME][field] = value
    said = refusal(lambda: put(store, "s0001"))
    assert NAME in said
    assert value in said
    assert workspace.tables[NAME][field] == value
    assert list(store.describe(table())) == ["s0000"]


# --- permissions


def test_missing_permissions_come_with_their_grants(
    store: UnityStore, workspace: Workspace
) -> None:
    workspace.grants.clear()
    granted, missing = verify_catalog_permissions("main", "synth_test")
    assert not granted
    assert [one.grant for one in missing] == [
        f"GRANT USE CATALOG ON CATALOG `main` TO `{ME}`;",
        f"GRANT CREATE SCHEMA ON CATALOG `main` TO `{ME}`;",
        f"GRANT EXTERNAL USE SCHEMA ON CATALOG `main` TO `{ME}`;",
    ]
    said = refusal(lambda: put(store))
    assert all(one.grant in said for one in missing)
    assert str(missing[0]) == "USE CATALOG on catalog main"
    assert is_untouched(store)
    assert not workspace.schemas


def test_an_existing_schema_needs_its_own_privileges(workspace: Workspace) -> None:
    workspace.grants.clear()
    workspace.schemas["main.shop"] = {"name": "shop", "owner": "someone"}
    workspace.grant("main", "USE_CATALOG")
    assert [str(one) for one in verify_catalog_permissions("main", "shop")[1]] == [
        "USE SCHEMA on schema main.shop",
        "CREATE TABLE on schema main.shop",
        "EXTERNAL USE SCHEMA on schema main.shop",
    ]
    workspace.grant("main.shop", *ON_SCHEMA)
    assert verify_catalog_permissions("main", "shop") == (True, [])


@pytest.mark.parametrize("principal", [GROUP, "account users"])
def test_groups_count(principal: str, workspace: Workspace) -> None:
    workspace.grants.clear()
    workspace.grant("main", *ENOUGH, to=principal)
    assert verify_catalog_permissions("main", "shop") == (True, [])


@pytest.mark.parametrize("how", ["owned", "all"])
def test_owners_hold_all_but_the_explicit_privileges(how: str, workspace: Workspace) -> None:
    workspace.grants.clear()
    if how == "owned":
        workspace.catalogs["main"]["owner"] = GROUP
    else:
        workspace.grant("main", "ALL_PRIVILEGES")
    _, missing = verify_catalog_permissions("main", "shop")
    assert [one.privilege for one in missing] == ["EXTERNAL_USE_SCHEMA"]


def test_the_external_location_needs_its_own_privileges(workspace: Workspace) -> None:
    root = "s3://bucket/lake/deep"

    def ask() -> list[str]:
        return [one.grant for one in verify_catalog_permissions("main", "shop", root=root)[1]]

    workspace.locations["far"] = {"name": "far", "url": "s3://bucket/lak"}
    assert f"holds {root}" in refusal(ask)
    for name, url in (("wide", "s3://bucket/"), ("lake", "s3://bucket/lake")):
        workspace.locations[name] = {"name": name, "url": url, "owner": "someone"}
    assert ask() == [
        f"GRANT CREATE EXTERNAL TABLE ON EXTERNAL LOCATION `lake` TO `{ME}`;",
        f"GRANT EXTERNAL USE LOCATION ON EXTERNAL LOCATION `lake` TO `{ME}`;",
    ]
    workspace.grant("lake", "CREATE_EXTERNAL_TABLE", "EXTERNAL_USE_LOCATION")
    assert ask() == []


def test_dropping_needs_permission_too(store: UnityStore, workspace: Workspace) -> None:
    put(store)
    workspace.grants.clear()
    assert "GRANT" in refusal(lambda: store.drop(table(), ["s0000"]))
    assert list(store.describe(table())) == ["s0000"]
    store.drop(table(), ["s0002"])


def test_an_unknown_catalog_is_named_with_those_there_are(
    workspace: Workspace, tmp_path: Path
) -> None:
    store = UnityStore(f"mian@{tmp_path / 'here'}")
    assert "'mian': known are main" in refusal(lambda: put(store), UnknownNameError)
    assert is_untouched(store)


# --- connections to the workspace


@pytest.mark.parametrize("gone", ["DATABRICKS_TOKEN", "DATABRICKS_HOST"])
def test_missing_credentials_are_named(
    gone: str, store: UnityStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(gone)
    assert gone in refusal(lambda: put(store))
    assert is_untouched(store)


def test_a_refused_token_is_not_repeated(store: UnityStore, workspace: Workspace) -> None:
    workspace.token = "another"
    assert "DATABRICKS_TOKEN" in refusal(lambda: put(store))
    assert is_untouched(store)


@pytest.mark.usefixtures("impatient")
def test_a_host_that_does_not_answer_is_reported_quickly(
    store: UnityStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABRICKS_HOST", "http://127.0.0.1:9")
    assert "check DATABRICKS_HOST" in refusal(lambda: put(store))
    assert is_untouched(store)


@pytest.mark.parametrize("status", [200, 404])
@pytest.mark.usefixtures("impatient")
def test_a_host_that_is_no_workspace_is_reported(
    status: int, store: UnityStore, workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    page = b"<html><body>Welcome!</body></html>"
    workspace.fail("GET", status, 99, body=page, headers={"Content-Type": "text/html"})
    assert "not as a Databricks workspace does" in refusal(lambda: put(store))
    assert is_untouched(store)
    assert caplog.text == ""


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
@pytest.mark.usefixtures("impatient")
def test_transient_errors_are_retried(status: int, store: UnityStore, workspace: Workspace) -> None:
    for request in (TABLES, f"GET {API}effective"):
        workspace.fail(request, status, 1, headers={"Retry-After": "0"})
    put(store)
    assert NAME in workspace.tables
    assert workspace.request_count(TABLES) == 2


@pytest.mark.parametrize("request_", [SCHEMAS, TABLES])
@pytest.mark.usefixtures("impatient")
def test_a_lost_response_does_no_harm(
    request_: str, store: UnityStore, workspace: Workspace
) -> None:
    workspace.fail(request_, 500, after=True)
    put(store)
    assert stored(store, "s0000").equals(FRAME)


@pytest.mark.parametrize(("status", "said"), [(500, "planted"), (429, "for 1 seconds")])
@pytest.mark.parametrize("request_", [SCHEMAS, f"GET {API}tables", TABLES])
@pytest.mark.usefixtures("impatient")
def test_a_catalog_that_fails_halfway_leaves_no_rows(
    status: int, said: str, request_: str, store: UnityStore, workspace: Workspace
) -> None:
    workspace.fail(request_, status, 99, headers={"Retry-After": "1"})
    assert said in refusal(lambda: put(store))
    assert store.describe(table()) == {}
    assert not list(Path(store.root).rglob("*.parquet"))
    workspace.faults.clear()
    put(store)
    assert stored(store, "s0000").equals(FRAME)
    assert NAME in workspace.tables


@pytest.mark.usefixtures("impatient")
def test_stored_rows_can_be_read_while_the_catalog_is_down(
    store: UnityStore, workspace: Workspace
) -> None:
    put(store)
    workspace.fail("", 503, 999)
    for action in (lambda: put(store, "s0001"), lambda: store.drop(table(), ["s0000"])):
        refusal(action)
    assert stored(store, "s0000").equals(FRAME)
    assert list(store.describe(table())) == ["s0000"]


def test_a_message_of_the_server_is_shown(store: UnityStore, workspace: Workspace) -> None:
    body = {"error_code": "INVALID_PARAMETER_VALUE", "message": f"Missing scheme {SECRET}"}
    workspace.fail(TABLES, 400, body=json.dumps(body).encode())
    assert f"cannot register {NAME}: Missing scheme …" in refusal(lambda: put(store))


# --- settings, names, secrets


@pytest.mark.parametrize("location", ["main", "main@", "Main@/x", "a.b.c@/x", "@/x", "ma in@/x"])
def test_a_location_names_catalog_and_root(location: str) -> None:
    assert "SYNTH_UNITY_ROOT" in refusal(lambda: UnityStore(location))


def test_the_environment_has_the_location(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "needs SYNTH_UNITY_CATALOG" in refusal(
        lambda: Settings.from_environment().open_store("unity")
    )
    monkeypatch.setenv("SYNTH_UNITY_CATALOG", "main")
    monkeypatch.setenv("SYNTH_UNITY_PREFIX", "dev_")
    assert "SYNTH_UNITY_ROOT" in refusal(lambda: Settings.from_environment().open_store("unity"))
    monkeypatch.setenv("SYNTH_UNITY_ROOT", "s3://bucket/lake/")
    store = Settings.from_environment().open_store("unity")
    assert store.location == "main.dev_@s3://bucket/lake"
    assert store.uri(table()) == "s3://bucket/lake/dev_test/all_kinds"


@pytest.fixture
def chatty() -> Iterator[list[str]]:
    """Everything that is logged, at any level."""
    lines: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    root, keeper = logging.getLogger(), Keeper()
    before = root.level
    root.addHandler(keeper)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(keeper)
    root.setLevel(before)


def test_the_token_is_in_no_log_and_no_file(
    store: UnityStore, workspace: Workspace, chatty: list[str]
) -> None:
    put(store)
    assert any("unity-catalog" in line for line in chatty), "the client's log was read"
    assert SECRET not in "".join(chatty)
    assert SECRET not in repr(store) + repr(vars(store)) + repr(store.describe(table()))
    assert holding(SECRET, Path(store.root).rglob("*")) == []


@pytest.mark.slow
def test_the_command_creates_a_table_of_the_catalog(workspace: Workspace, tmp_path: Path) -> None:
    shell = InProcess(tmp_path / "home")
    here = {
        "SYNTH_STORE": "unity",
        "SYNTH_UNITY_CATALOG": "main",
        "SYNTH_UNITY_ROOT": str(tmp_path / "lake"),
    }
    made = shell("materialize", "jaffle/stg_google_ads", "--partitions", "2026-01-01", **here)
    assert made.returncode == 0, made.stderr
    assert list(workspace.tables) == ["main.jaffle.stg_google_ads"]
    assert SECRET not in made.stdout + made.stderr
    files = [*shell.home.rglob("*"), *(tmp_path / "lake").rglob("*")]
    assert holding(SECRET, files) == []
