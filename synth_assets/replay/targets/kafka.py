"""Events as messages of Kafka: the row's key, the envelope, and a tombstone after each deletion.

The client is librdkafka's, an extra of the package. Its settings are options, or variables that
begin with ``KAFKA_PREFIX``: with ``SASL_PASSWORD`` after it, one is ``sasl.password``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import polars as pl

from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.replay.envelope import SERVER
from synth_assets.replay.events import DELETE
from synth_assets.replay.variables import KAFKA_PREFIX

# Seconds until a message that no broker takes is given up.
PATIENCE = 60


def topic_of(table: Table) -> str:
    """The topic of a table, named as Debezium names it: server, schema, table.

    Args:
        table: The table.
    """
    return f"{SERVER}.{table.domain}.{table.name}"


class KafkaTarget:
    """Sends messages to a topic, in order and once each while the process lives.

    Args:
        brokers: Addresses, ``host:port,host:port``.
        topic: The topic.
        settings: Further settings of the client.

    Raises:
        UserError: The client is not installed, a setting is wrong, or no broker answers.
    """

    def __init__(self, brokers: str, topic: str, settings: Mapping[str, Any] = {}) -> None:
        try:
            from confluent_kafka import KafkaException, Producer
        except ImportError:
            raise UserError(
                "--to kafka needs the extra kafka: pip install 'synth-assets[kafka]'"
            ) from None
        self.shown = f"{brokers}/{topic}"
        self._topic, self._refused = topic, list[str]()
        try:
            self._producer = Producer(
                {
                    "enable.idempotence": True,
                    # as clients in Java choose a key's partition
                    "partitioner": "murmur2_random",
                    "compression.type": "zstd",
                    "linger.ms": 20,
                    "message.timeout.ms": PATIENCE * 1_000,
                    "log_level": 0,
                    **_of_environment(),
                    **settings,
                    "bootstrap.servers": brokers,
                }
            )
            self._producer.list_topics(topic, timeout=10)
        except KafkaException as error:
            raise UserError(f"cannot use Kafka at {brokers}: {_text(error.args[0])}") from None

    def send(self, batch: pl.DataFrame) -> None:
        for key, value, op in batch.select("key", "value", "op").iter_rows():
            self._produce(key, value)
            if op == DELETE:
                self._produce(key, None)
        left = self._producer.flush(PATIENCE + 10)
        if self._refused or left:
            reason = self._refused[0] if self._refused else "no broker has confirmed them"
            count = len(self._refused) + left
            raise UserError(f"{self.shown} has not taken {count} messages: {reason}")

    def close(self) -> None:
        """Nothing: every batch was flushed."""

    def _produce(self, key: str | None, value: str | None) -> None:
        while True:
            try:
                self._producer.produce(self._topic, key=key, value=value, on_delivery=self._done)
                return
            except BufferError:
                self._producer.poll(1)  # the queue is full until the brokers have taken some

    def _done(self, error: Any, _: Any) -> None:
        if error is not None:
            self._refused.append(_text(error))


def _of_environment() -> dict[str, str]:
    return {
        name.removeprefix(KAFKA_PREFIX).lower().replace("_", "."): text
        for name, text in os.environ.items()
        if name.startswith(KAFKA_PREFIX) and text
    }


def _text(error: Any) -> str:
    """An error of the client, without what the environment sets."""
    text = str(error.str() if hasattr(error, "str") else error)
    for secret in _of_environment().values():
        text = text.replace(secret, "…")
    return text
