"""``synth replay``: rows of the store or generated ones, resumed, interrupted, or refused."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from synth_assets.core.model import Table
from synth_assets.replay.targets.stdout import StdoutTarget
from synth_assets_tests.cli.conftest import Synth

ADS, ORDERS = "jaffle/stg_google_ads", "jaffle/raw_orders_training"
SMALL = ("--generate", "--partitions", "2026-01-02")


def test_stored_rows_are_played(synth: Synth, ads: Table) -> None:
    done = synth("replay", ADS)
    events = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 0
    assert {event["op"] for event in events} == {"c"}
    assert list(events[0]["after"]) == list(ads.schema.columns())
    count = (
        f"sent {len(events):,} change events of {ADS} to standard output: {len(events):,} inserts"
    )
    assert count in done.err


def test_a_position_goes_on_where_it_ended(synth: Synth, tmp_path: Path) -> None:
    words = ("replay", ORDERS, *SMALL, "--position", tmp_path / "position")
    first, rest = synth(*words, "--limit", 5), synth(*words)
    whole = synth("replay", ORDERS, *SMALL, "--seed", 42)
    assert first.out + rest.out == whole.out
    assert "(5 were sent before)" in rest.err
    refused = synth(*words, "--from", "2026-01-02")
    assert refused.code == 2
    assert "of another stream (different: --from)" in refused.err


def test_an_interruption_says_how_many_were_sent(
    synth: Synth, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = StdoutTarget.send

    def interrupted(target: StdoutTarget, batch: object) -> None:
        send(target, batch)  # type: ignore[arg-type]
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(StdoutTarget, "send", interrupted)
    done = synth("replay", ORDERS, *SMALL, "--rate", "100/s")
    lines = len(done.out.splitlines())
    assert done.code == 130
    assert 0 < lines < 100
    assert f"interrupted: sent {lines} change events" in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((ORDERS,), "nothing of jaffle/raw_orders_training is stored"),
        (("jaffle/raw_orders",), "unknown selection"),
        ((ORDERS, *SMALL, "--rate", "fast"), "--rate fast: must be a number above 0"),
        ((ORDERS, *SMALL, "--rate", "1/s", "--speed", "2x"), "give one of them"),
        ((ORDERS, *SMALL, "--from", "monday"), "--from monday: must be a day"),
        (
            (ORDERS, *SMALL, "--from", "2026-01-02", "--until", "2026-01-02"),
            "--until 2026-01-02: must be after --from 2026-01-02",
        ),
        ((ORDERS, *SMALL, "--update-rate", "0.1"), "need --truth FILE"),
        ((ORDERS, "--seed", "7"), "--seed and --set need --generate"),
        ((ORDERS, *SMALL, "--url", "http://host"), "--url http://host: is for --to http"),
        ((ORDERS, *SMALL, "--to", "http"), "--to http needs --url"),
        ((ORDERS, *SMALL, "--to", "kafka"), "--to kafka needs --brokers"),
        ((ADS, *SMALL, "--to", "postgres"), "has no primary key"),
        (
            (ORDERS, *SMALL, "--to", "postgres", "--schema", "clean_room_marts"),
            "--schema clean_room_marts: is a store's or dbt's own",
        ),
        (("clean_room/orders", "--generate"), "name one of training, inference with --partitions"),
        (
            ("clean_room/thelook_products", "--generate", "--speed", "2x"),
            "has no moments, which --speed needs",
        ),
    ],
)
def test_what_is_wrong_is_named(synth: Synth, words: tuple[str, ...], said: str) -> None:
    done = synth("replay", *words)
    assert (done.code, done.out) == (2, "")
    assert said in " ".join(done.err.split())
