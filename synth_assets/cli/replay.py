"""``synth replay``: a table's rows as change events, in order of time.

The rows are chosen in ``replay_rows``; the events and their targets are in the package ``replay``.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from synth_assets.cli.console import err, note
from synth_assets.cli.exits import INTERRUPTED, RUN_FAILED
from synth_assets.cli.options import MANY, Partitions, Seed, Settings_, TableName
from synth_assets.cli.paths import LocalPath
from synth_assets.cli.scenario_options import scenario_values
from synth_assets.cli.selection import select_table
from synth_assets.core.consistency import OF_DBT, OF_MODELS, OF_REPLAYS
from synth_assets.core.errors import UserError
from synth_assets.core.model import Table
from synth_assets.domains import load_domains
from synth_assets.orchestration.settings import Settings

if TYPE_CHECKING:
    from synth_assets.cli.replay_rows import Rows
    from synth_assets.replay.player import Player, Sent
    from synth_assets.replay.targets.target import Target


class To(StrEnum):
    """Where events are sent."""

    stdout = "stdout"
    http = "http"
    kafka = "kafka"
    postgres = "postgres"


# The option that each target needs or may have, and its default.
OPTIONS = {To.http: "--url", To.kafka: "--brokers, --topic", To.postgres: "--schema"}


def replay(
    table: TableName,
    to: Annotated[To, typer.Option(help="stdout, http, kafka or postgres.")] = To.stdout,
    rate: Annotated[
        str | None, typer.Option(help="Events per time, such as 1000/s or 60/min.")
    ] = None,
    speed: Annotated[
        str | None, typer.Option(help="By the data's own time, so many times faster: 60x.")
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", help="First day or moment (UTC), included.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Day or moment (UTC) at which to end, excluded.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, max=MANY, help="Events to send at most.")
    ] = None,
    position: Annotated[
        Path | None,
        typer.Option(
            help="File of the position: a later replay goes on from there.",
            parser=LocalPath("--position", written=True),
        ),
    ] = None,
    url: Annotated[str | None, typer.Option(help="Web address, for --to http.")] = None,
    brokers: Annotated[
        str | None, typer.Option(help="host:port of Kafka's brokers, for --to kafka.")
    ] = None,
    topic: Annotated[
        str | None, typer.Option(help="Topic, for --to kafka; synth.DOMAIN.TABLE by default.")
    ] = None,
    schema: Annotated[
        str | None, typer.Option(help=f"Schema, for --to postgres; {OF_REPLAYS} by default.")
    ] = None,
    partitions: Partitions = None,
    generate: Annotated[
        bool, typer.Option(help="Play rows that are computed now, not those of the store.")
    ] = False,
    seed: Seed = None,
    set_: Settings_ = None,
    update_rate: Annotated[
        float,
        typer.Option(min=0, max=1, help="Share of rows with an invented update."),
    ] = 0.0,
    delete_rate: Annotated[
        float,
        typer.Option(min=0, max=1, help="Share of rows with an invented deletion."),
    ] = 0.0,
    truth: Annotated[
        Path | None,
        typer.Option(
            help="File that the invented events are added to.",
            parser=LocalPath("--truth", written=True),
        ),
    ] = None,
) -> None:
    """Play a table's rows as change events in Debezium's shape, in order of time.

    Updates are those of the data's own truth, such as an order's way from placed to delivered;
    tables without any give inserts. As fast as possible without --rate or --speed.
    """
    from synth_assets.cli.replay_rows import generated_rows, stored_rows
    from synth_assets.replay.invented import Rates
    from synth_assets.replay.moments import bounds
    from synth_assets.replay.pace import Pace, parse_rate, parse_speed
    from synth_assets.replay.player import Player, Sent
    from synth_assets.replay.position import PositionFile
    from synth_assets.replay.timeline import Timeline

    given = {"--url": url, "--brokers": brokers, "--topic": topic, "--schema": schema}
    _refuse_options_of_others(to, given)
    if rate and speed:
        raise UserError(f"--rate {rate} and --speed {speed}: give one of them")
    if (update_rate or delete_rate) and truth is None:
        raise UserError("--update-rate and --delete-rate need --truth FILE, for what is invented")
    if (seed is not None or set_) and not generate:
        raise UserError("--seed and --set need --generate: stored rows have their own")
    domain, of = select_table(load_domains(), table)
    values = scenario_values([domain], seed, set_ or [])[domain.name]
    first, after = bounds(from_, until)
    stop = Event()
    pace = Pace(stop, parse_rate(rate), parse_speed(speed))
    if generate:
        rows = generated_rows(domain, of, partitions, values)
    else:
        rows = stored_rows(domain, of, partitions)
    rates = Rates(update_rate, delete_rate, rows.scenario.seed)
    timeline = Timeline(of, rows.scenario, rows.frame, rates, first, after)
    if speed and not timeline.timed:
        raise UserError(f"{of.path} has no moments, which --speed needs: use --rate")
    options = {
        "--partitions": partitions,
        "--from": from_,
        "--until": until,
        "--update-rate": update_rate,
        "--delete-rate": delete_rate,
    }
    file = PositionFile(position, {**timeline.identity, **options}) if position else None
    sent = Sent(before=file.read() if file else 0)
    target = _target(to, of, given, stop)
    try:
        player = Player(timeline, target, pace, limit, file, truth)
        code = _play(player, sent, stop, rows)
    finally:
        target.close()
    note(f"{'interrupted: ' if stop.is_set() else ''}{sent.described(of, target)}")
    raise typer.Exit(INTERRUPTED if stop.is_set() else code)


def _play(player: Player, sent: Sent, stop: Event, rows: Rows) -> int:
    """Plays and returns the exit code; an error is printed where events were sent before it."""
    from synth_assets.replay.targets.target import ReaderGoneError

    try:
        with _stopping(stop), rows.reading():
            player.play(sent)
    except ReaderGoneError:
        pass
    except UserError as error:
        if not (sent.events or stop.is_set()):
            raise
        err.print(f"[bold red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        return RUN_FAILED
    return 0


def _refuse_options_of_others(to: To, given: dict[str, str | None]) -> None:
    for name, value in given.items():
        if value is not None and name not in OPTIONS.get(to, ""):
            owner = next(target for target, names in OPTIONS.items() if name in names)
            raise UserError(f"{name} {value}: is for --to {owner}, not for --to {to}")
    for target, name in ((To.http, "--url"), (To.kafka, "--brokers")):
        if to is target and given[name] is None:
            raise UserError(f"--to {target} needs {name}")


def _target(to: To, table: Table, given: dict[str, str | None], stop: Event) -> Target:
    """The target, connected; its module is imported now, since clients are slow to load."""
    if to is To.http:
        from synth_assets.replay.targets.http import HttpTarget

        return HttpTarget(given["--url"] or "", stop.wait)
    if to is To.kafka:
        from synth_assets.replay.targets.kafka import KafkaTarget, topic_of

        return KafkaTarget(given["--brokers"] or "", given["--topic"] or topic_of(table))
    if to is To.postgres:
        from synth_assets.replay.targets.postgres import PostgresTarget

        location = Settings.from_environment().locations["postgres"]
        names = [domain.name for domain in load_domains()]
        reserved = {*names, *(name + OF_MODELS for name in names), *OF_DBT}
        return PostgresTarget(location, given["--schema"] or OF_REPLAYS, table, reserved)
    from synth_assets.replay.targets.stdout import StdoutTarget

    return StdoutTarget()


@contextmanager
def _stopping(stop: Event) -> Iterator[None]:
    """Ctrl-C ends the replay after the batch that is being sent; a second one at once."""

    def on_signal(number: int, frame: Any) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {
        number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
