"""Targets: repeated while that may help, refused for good where not, and no secret is shown."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import polars as pl
import psycopg
import pytest

from synth_assets.core.errors import UserError
from synth_assets.replay.envelope import with_envelopes
from synth_assets.replay.invented import Rates
from synth_assets.replay.pace import Pace
from synth_assets.replay.player import Player, Sent
from synth_assets.replay.position import PositionFile
from synth_assets.replay.targets.http import ATTEMPTS, HttpTarget
from synth_assets.replay.targets.kafka import KafkaTarget, topic_of
from synth_assets.replay.targets.postgres import PostgresTarget
from synth_assets.replay.targets.stdout import StdoutTarget
from synth_assets.replay.targets.target import ReaderGoneError
from synth_assets.replay.timeline import Timeline
from synth_assets_tests.replay.streams import applied, events, parsed, stored, timeline

INVENTED = Rates(0.1, 0.1)


class Receiver(BaseHTTPRequestHandler):
    """Answers with the codes of ``answers`` and then 200; keeps what it takes."""

    answers: list[tuple[int, dict[str, str]]]
    taken: list[tuple[dict[str, str], list[dict[str, Any]]]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        code, headers = self.answers.pop(0) if self.answers else (200, {})
        if code == 200:
            self.taken.append((dict(self.headers), parsed(body)))
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"words")

    def log_message(self, *words: Any) -> None:
        """Nothing."""


@contextmanager
def receiver(*answers: int | tuple[int, dict[str, str]]) -> Iterator[tuple[str, type[Receiver]]]:
    parts = [(a, {}) if isinstance(a, int) else a for a in answers]
    handler = type("Handler", (Receiver,), {"answers": parts, "taken": []})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/events", handler
        finally:
            server.shutdown()
            thread.join()


def batch(of: Timeline | None = None, rows: int = 20) -> pl.DataFrame:
    of = of or timeline()
    return with_envelopes(next(of.windows()).head(rows), of.table)


def player(of: Timeline, target: Any, **more: Any) -> Player:
    return Player(of, target, Pace(Event()), **more)


def test_http_gets_every_event_once_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTH_REPLAY_TOKEN", "hush-hush")
    of = timeline()
    waits: list[float] = []
    with receiver(503, (429, {"Retry-After": "7"})) as (url, seen):
        target = HttpTarget(url, waits.append)
        sent = Sent()
        player(of, target).play(sent)
        target.close()
    assert [event for _, batch in seen.taken for event in batch] == events()
    assert sent.events == of.total
    headers = seen.taken[0][0]
    assert headers["Authorization"] == "Bearer hush-hush"
    assert headers["Content-Type"] == "application/x-ndjson"
    assert headers["Idempotency-Key"] == "1-1000"
    assert waits[1] == 7


def test_a_refusal_for_good_ends_it_and_the_position_is_kept(tmp_path: Path) -> None:
    of, file = timeline(), PositionFile(tmp_path / "position", {"table": "orders"})
    sent = Sent()
    with receiver(200, 400) as (url, _), pytest.raises(UserError, match="answered 400: words"):
        player(of, HttpTarget(f"{url}?key=hush-hush", print), position=file).play(sent)
    assert (sent.events, file.read()) == (1_000, 1_000)
    rest = Sent(before=file.read())
    with receiver() as (url, seen):
        player(of, HttpTarget(url), position=file).play(rest)
    assert (rest.before, rest.events) == (1_000, of.total - 1_000)
    assert [e for _, batch in seen.taken for e in batch] == events()[1_000:]


def test_http_gives_up_in_the_end_without_a_secret() -> None:
    waits: list[float] = []
    with receiver(*[503] * ATTEMPTS) as (url, _), pytest.raises(UserError) as caught:
        HttpTarget(f"{url}?key=hush-hush", waits.append).send(batch())
    assert "answered 503: words, tried 6 times" in str(caught.value)
    assert "hush" not in str(caught.value)
    assert waits == sorted(waits)
    with pytest.raises(UserError, match="cannot be reached"):
        HttpTarget("http://127.0.0.1:9/?key=hush", waits.append).send(batch())


@pytest.mark.parametrize("url", ["ftp://host", "host:80", "", "http://"])
def test_wrong_addresses_are_refused(url: str) -> None:
    with pytest.raises(UserError, match="--url: must be a web address"):
        HttpTarget(url)


def test_an_address_with_a_password_is_refused_and_not_shown() -> None:
    with pytest.raises(UserError, match="no user or password") as caught:
        HttpTarget("http://me:hush@host/")
    assert "hush" not in str(caught.value)


def test_a_reader_that_leaves_ends_the_stream() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as stream, pytest.raises(ReaderGoneError):
        StdoutTarget(stream).send(batch())


def test_limits_and_positions_divide_a_stream(tmp_path: Path) -> None:
    of, texts = timeline(), []
    file = PositionFile(tmp_path / "position", {"table": "orders"})
    for _ in range(3):
        stream = io.BytesIO()
        target, before = StdoutTarget(stream), Sent(before=file.read())
        player(of, target, limit=300, position=file).play(before)
        texts += stream.getvalue().splitlines()
    assert parsed(b"\n".join(texts)) == events()[:900]
    assert file.read() == 900


def test_a_position_of_another_stream_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "position"
    PositionFile(path, {"table": "orders", "--from": None}).write(5)
    with pytest.raises(UserError, match=r"of another stream \(different: --from\)"):
        PositionFile(path, {"table": "orders", "--from": "2026-01-01"}).read()
    path.write_text("[]")
    with pytest.raises(UserError, match="is no position of a replay"):
        PositionFile(path, {}).read()
    with pytest.raises(UserError, match="cannot write --position"):
        PositionFile(tmp_path / "none" / "position", {}).write(1)


def test_the_truth_of_what_is_invented_is_written(tmp_path: Path) -> None:
    of, truth = timeline(rates=INVENTED), tmp_path / "truth.jsonl"
    player(of, StdoutTarget(io.BytesIO()), truth=truth).play(Sent())
    noted, stream = parsed(truth.read_bytes()), events(rates=INVENTED)
    assert len(noted) == len(stream) - len(events())
    for line in noted:
        event = stream[line["position"] - 1]
        assert (line["key"], line["op"]) == (event["key"], event["op"])
        if line["op"] == "u":
            changed = {n for n, v in event["after"].items() if v != event["before"][n]}
            assert changed == {line["column"]}


def test_postgres_has_the_rows_and_repeating_changes_nothing(postgres_url: str) -> None:
    of = timeline(rates=INVENTED)
    found = []
    for _ in range(2):
        target = PostgresTarget(postgres_url, "replay", of.table)
        player(of, target).play(Sent())
        target.close()
        with psycopg.connect(postgres_url) as db:
            query = "select id, user_id, status from replay.raw_orders_training order by id"
            found.append(db.execute(query).fetchall())
    rows = applied(events(rates=INVENTED)).values()
    expected = sorted((row["id"], row["user_id"], row["status"]) for row in rows)
    assert found == [expected, expected]
    assert len(expected) < len(stored(of))


def test_postgres_refuses_what_it_cannot_apply(tmp_path: Path) -> None:
    ads, orders = timeline("stg_google_ads").table, timeline().table
    with pytest.raises(UserError, match="has no primary key"):
        PostgresTarget(str(tmp_path), "replay", ads)
    for schema in ("jaffle", "_synth", "bakery_marts"):
        with pytest.raises(UserError, match="is a store's or dbt's own"):
            PostgresTarget(str(tmp_path), schema, orders, reserved=["bakery_marts"])
    with pytest.raises(UserError, match="takes up to 63 bytes"):
        PostgresTarget(str(tmp_path), "s" * 64, orders)


def test_postgres_writes_only_what_a_replay_of_the_same_table_has_made(postgres_url: str) -> None:
    orders = timeline().table
    same_name = replace(orders, domain="bakery")
    with psycopg.connect(postgres_url, autocommit=True) as db:
        for schema in ("other", "views"):
            db.execute(f"create schema {schema}")
        db.execute(f"create table other.{orders.name} (id bigint primary key)")
        db.execute(f"insert into other.{orders.name} values (1)")
        db.execute("create view views.days as select 1 as day")
        for schema in ("other", "views", "pg_catalog"):
            with pytest.raises(UserError, match="which no replay has made; name another schema"):
                PostgresTarget(postgres_url, schema, orders)
        assert db.execute(f"select id from other.{orders.name}").fetchall() == [(1,)]
        for _ in range(2):
            PostgresTarget(postgres_url, "mine", orders).close()
        with pytest.raises(UserError, match=r"jaffle/.* not of bakery/.*: name another schema"):
            PostgresTarget(postgres_url, "mine", same_name)
        PostgresTarget(postgres_url, "theirs", same_name).close()


def test_replays_that_begin_at_once_make_their_table_once(postgres_url: str) -> None:
    orders = timeline().table
    with ThreadPoolExecutor(4) as threads:
        for schema in ("a", "b", "c"):
            made = [threads.submit(PostgresTarget, postgres_url, schema, orders) for _ in range(4)]
            for target in made:
                target.result().close()


def test_kafka_without_its_client_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    with pytest.raises(UserError, match=r"pip install 'synth-assets\[kafka\]'"):
        KafkaTarget("localhost:9092", "topic")


@pytest.mark.slow
def test_kafka_gets_keys_envelopes_and_tombstones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Against the mock cluster of librdkafka, which speaks Kafka's protocol on real sockets."""
    kafka = pytest.importorskip("confluent_kafka", reason="the extra kafka is not installed")
    broker = kafka.Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "none"})
    known = broker.list_topics(timeout=10).brokers.values()
    brokers = ",".join(f"{b.host}:{b.port}" for b in known)
    of = timeline(rates=INVENTED)
    target = KafkaTarget(brokers, topic_of(of.table))
    player(of, target).play(Sent())
    stream = events(rates=INVENTED)
    expected = [(e.pop("key"), e) for e in stream]
    consumer = kafka.Consumer(
        {"bootstrap.servers": brokers, "group.id": "test", "auto.offset.reset": "earliest"}
    )
    consumer.subscribe(["synth.jaffle.raw_orders_training"])
    found, tombstones = [], 0
    while len(found) + tombstones < len(stream) + sum(e["op"] == "d" for e in stream):
        message = consumer.poll(20)
        assert message is not None
        assert message.error() is None
        key, value = json.loads(message.key()), message.value()
        if value is None:
            tombstones += 1
        else:
            found.append((key, json.loads(value)))
    consumer.close()
    assert tombstones == sum(e["op"] == "d" for e in stream)
    order = {int(e["source"]["sequence"]): n for n, (_, e) in enumerate(expected)}
    assert sorted(found, key=lambda e: order[int(e[1]["source"]["sequence"])]) == expected
    monkeypatch.setenv("SYNTH_KAFKA_SECURITY_PROTOCOL", "hush-hush")
    with pytest.raises(UserError, match="cannot use Kafka") as caught:
        KafkaTarget(brokers, "topic")
    assert "hush" not in str(caught.value)
