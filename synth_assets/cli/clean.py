"""``synth clean``: removes what is stored of tables, and Dagster's record of it.

A table that was removed as a whole is forgotten by Dagster, too: its materializations and check
results would describe rows that do not exist. Dagster cannot forget single partitions, so it keeps
the record of those until they are made again. dbt's models and gate reports stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.table import Table as Grid

from synth_assets.cli.console import (
    confirmed,
    counted,
    interactive,
    note,
    out,
    path_markup,
    print_json,
    tracked,
)
from synth_assets.cli.options import DryRun, Json, Partitions, RequiredSelection, Yes
from synth_assets.cli.selection import select
from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain, Table
from synth_assets.core.partition_keys import keys_between
from synth_assets.core.partition_stats import UNKNOWN
from synth_assets.domains import load_domains
from synth_assets.orchestration.append import remove_record
from synth_assets.orchestration.claims import REMOVAL, claimed
from synth_assets.orchestration.settings import Settings
from synth_assets.stores.routing import Stores
from synth_assets.stores.store import described


@dataclass(frozen=True)
class Removal:
    """What is removed of a table.

    Attributes:
        table: ``domain/table``.
        keys: Keys of the partitions.
        stored: Number of partitions that are stored of the table.
        rows: Their rows, without those of damaged partitions.
        bytes: Their size, without that of damaged partitions.
        store: Kind of the store.
        uri: Where the table is stored.
    """

    table: str
    keys: list[str]
    stored: int
    rows: int
    bytes: int
    store: str
    uri: str

    @property
    def whole(self) -> bool:
        """Whether nothing of the table remains."""
        return len(self.keys) == self.stored


def clean(
    selection: RequiredSelection = None,
    partitions: Partitions = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Remove what is stored of tables, in any store; asks first.

    Partitions that were not written by synth are refused. What dbt has built of them stays.
    """
    if not selection:
        raise UserError("name what to remove: all, a domain, domain/table, or a pattern")
    settings = Settings.from_environment()
    stores = settings.open_stores()
    chosen = select(load_domains(), selection)
    pairs = [(domain, table) for domain, tables in chosen for table in tables]
    for _, table in pairs:
        keys_between(table.partitioning, partitions)  # refuses wrong keys before anything is read
    found = [(d, t, _removal(t, stores, partitions)) for d, t in pairs]
    removals = [(d, t, removal) for d, t, removal in found if removal.keys]
    if json and dry_run:
        print_json({"dry_run": True, "removed": [asdict(r) for _, _, r in removals]})
        return
    if not removals:
        note(f"nothing of the selection is stored at {stores.uri(pairs[0][1])}")
    elif not dry_run:
        _ask([removal for _, _, removal in removals], yes=yes, as_json=json)
        _remove(removals, stores, settings)
    if json:
        print_json({"dry_run": False, "removed": [asdict(r) for _, _, r in removals]})
    elif removals:
        _print([removal for _, _, removal in removals], removed=not dry_run)


def _removal(table: Table, stores: Stores, partitions: str | None) -> Removal:
    """What would be removed; ``UserError`` if some of it was not written by synth."""
    stats, damaged = described(stores, table)
    stored = [*stats, *damaged]
    requested = None if partitions is None else set(keys_between(table.partitioning, partitions))
    keys = [key for key in stored if requested is None or key in requested]
    foreign = [k for k in keys if k in stats and stats[k].fingerprint == UNKNOWN]
    store = stores.of(table)
    if foreign:
        raise UserError(
            f"{table.path} ({foreign[0]}{', …' if len(foreign) > 1 else ''}) at "
            f"{store.uri(table)} was not written by synth, or has lost its metadata: remove it "
            "by hand; nothing was removed"
        )
    known = [stats[key] for key in keys if key in stats]
    return Removal(
        table.path, keys, len(stored), sum(s.rows for s in known),
        sum(s.bytes for s in known), store.kind, store.uri(table),
    )  # fmt: skip


def _ask(removals: Sequence[Removal], *, yes: bool, as_json: bool) -> None:
    """Asks on a terminal; ``UserError`` if the answer is no, or nobody can be asked."""
    if yes:
        return
    if not interactive():
        raise UserError("nothing was removed: --yes is needed where nobody can be asked")
    if not as_json:
        _print(removals, removed=False)
    if not confirmed("Remove them for good?", yes=yes):
        raise UserError("nothing was removed")


def _remove(
    removals: Sequence[tuple[Domain, Table, Removal]], stores: Stores, settings: Settings
) -> None:
    for domain in {domain.name: domain for domain, _, _ in removals}.values():
        remove_record(domain, settings)
    forgotten: list[Table] = []
    try:
        # Children first: no row refers to one that is gone.
        for _, table, removal in tracked(removals[::-1], "removing"):
            with claimed(settings.home, table, REMOVAL):
                if removal.whole:
                    forgotten.append(table)
                    stores.of(table).remove(table)
                else:
                    stores.of(table).drop(table, removal.keys)
    finally:
        _forget(forgotten, settings)


def _forget(tables: Sequence[Table], settings: Settings) -> None:
    """Removes Dagster's record of tables, if there is an instance."""
    if not tables or not settings.dagster_home.is_dir():
        return
    from synth_assets.orchestration.assets import asset_key
    from synth_assets.orchestration.home import open_instance

    with open_instance(settings) as instance:
        instance.wipe_assets([asset_key(table) for table in tables])


def _print(removals: Sequence[Removal], *, removed: bool) -> None:
    grid = Grid()
    grid.add_column("table", no_wrap=True)
    for name in ("partitions", "rows", "MB"):
        grid.add_column(name, justify="right")
    grid.add_column("where", overflow="fold")
    for removal in removals:
        keys = f"{len(removal.keys):,} of {removal.stored:,}"
        where = f"{path_markup(removal.uri)} ({removal.store})"
        grid.add_row(removal.table, keys, f"{removal.rows:,}", f"{removal.bytes / 1e6:,.1f}", where)
    out.print(grid)
    total = _total(removals)
    out.print(f"{'Removed' if removed else 'Would remove'} {total}.", highlight=False)


def _total(removals: Sequence[Removal]) -> str:
    partitions = sum(len(removal.keys) for removal in removals)
    rows = sum(removal.rows for removal in removals)
    tables = counted(len(removals), "table")
    return f"{counted(partitions, 'partition')} of {tables}, {rows:,} rows"
